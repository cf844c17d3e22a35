import { smallResNet } from '@selfsup/backbones';
import { evaluationView, grayscaleViews } from '@selfsup/augment';
import { evalBatches, take, viewBatches } from '@selfsup/data';
import type { ImageSource } from '@selfsup/data';
import { fashionMnistSample } from '@selfsup/data/node';
import { extractFeatures, knn } from '@selfsup/eval';
import { sgd } from '@selfsup/optim';
import type { NetSpec } from '@selfsup/layers';
import type { Method, StepMetrics } from '@selfsup/train';
import { train } from '@selfsup/train';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** The smallest real training that shows what a method does: real images, a narrow ResNet, seconds long. */
export const inputShape = [28, 28, 1] as const;

export function tinyEncoder(): NetSpec {
  return smallResNet({ width: 4 });
}

export interface SmallTraining {
  readonly images?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
}

export async function trainSmall<Name extends string>(method: Method<Name>, options: SmallTraining = {}): Promise<readonly StepMetrics[]> {
  const { images = 1920, epochs = 2, batchSize = 64, learningRate = 0.1 } = options;
  const { train: all } = await fashionMnistSample();
  const { a, b } = grayscaleViews();
  const views = Object.fromEntries(method.views.map((name, i) => [name, i === 0 ? a : b])) as Record<Name, typeof a>;
  const batches = viewBatches(take(all, images), { views, batchSize, seed: 5 });
  const optimizer = sgd({ learningRate, momentum: 0.9, weightDecay: 5e-4 });
  const metrics: StepMetrics[] = [];
  await train({ method, batches, optimizer, epochs, onStep: (report) => void metrics.push(report.metrics) });
  optimizer.dispose();
  return metrics;
}

/** kNN accuracy (k = 20, cosine) of an encoder on the embedded set. */
export async function knnAccuracy(encoder: LayersModel, images = 4000): Promise<number> {
  const { train: all, test } = await fashionMnistSample();
  const gallery = take(all, images);
  const features = (source: ImageSource): ReturnType<typeof extractFeatures> =>
    extractFeatures(encoder, evalBatches(source, evaluationView({ size: 28, channels: 1, normalize: grayscaleViews().a.normalize }), 256));
  const result = await knn({
    train: await features(gallery),
    trainLabels: gallery.labels!,
    test: await features(test),
    testLabels: test.labels!,
    k: 20,
  });
  return result.accuracy;
}
