import type { ImageSource, Labels, SkipOptions, StreamSource, ViewRenderer } from '@selfsup/data';
import { evalBatches, renderAll } from '@selfsup/data';
import { extractFeatures, knn, linearProbe, pixelFeatures } from '@selfsup/eval';
import type { Features } from '@selfsup/eval';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** kNN and linear-probe accuracy of one representation, as fractions. */
export interface Score {
  readonly knn: number;
  readonly linear: number;
  /** What the first figure means: k, temperature, metric. */
  readonly knnProtocol: string;
  /** What the second figure means: how the probe was trained. */
  readonly linearProtocol: string;
}

/** Features of the images of a source that could be read, a row each. */
export interface SourceFeatures extends Features {
  /** Which image of the source each row is of. */
  readonly indices: readonly number[];
}

export interface SplitFeatures {
  readonly train: SourceFeatures;
  readonly test: SourceFeatures;
}

/** Judges encoders on labelled images. Nothing here ever reaches the training. */
export interface Evaluation {
  readonly features: (encoder: LayersModel) => Promise<SplitFeatures>;
  readonly knn: (features: SplitFeatures) => Promise<number>;
  readonly score: (features: SplitFeatures) => Promise<Score>;
  /** Pixels as they are, as a baseline. */
  readonly rawPixels: () => Promise<SplitFeatures>;
}

/** What becomes of images that cannot be decoded. */
export type Skipping = Required<Pick<SkipOptions, 'onError' | 'onSkipped'>>;

export interface EvaluationOptions extends Skipping {
  readonly train: ImageSource | StreamSource;
  readonly test: ImageSource | StreamSource;
  readonly renderer: ViewRenderer;
  readonly neighbours: number;
  readonly seed: number;
}

/** The evaluation of a labelled set, or null when either split has no labels or there is but one class. */
export function createEvaluation(options: EvaluationOptions): Evaluation | null {
  const { train, test, renderer, neighbours, seed, onError, onSkipped } = options;
  const skipping = { onError, onSkipped };
  const { labels: trainLabels } = train;
  const { labels: testLabels } = test;
  if (!trainLabels || !testLabels) return null;
  const classes = 1 + Math.max(maximum(trainLabels), maximum(testLabels));
  if (classes < 2) return null;
  const labelled = (features: SplitFeatures): Parameters<typeof knn>[0] => ({
    ...features,
    trainLabels: features.train.indices.map((index) => trainLabels[index]!),
    testLabels: features.test.indices.map((index) => testLabels[index]!),
    k: Math.min(neighbours, features.train.rows),
  });
  const pixels = async (source: ImageSource | StreamSource): Promise<SourceFeatures> => {
    const images = await renderAll(source, renderer, { onError });
    return { ...pixelFeatures(images), indices: [...images.indices] };
  };
  const features = (encoder: LayersModel, source: ImageSource | StreamSource): Promise<SourceFeatures> =>
    sourceFeatures(encoder, source, renderer, skipping);
  return {
    features: async (encoder) => ({ train: await features(encoder, train), test: await features(encoder, test) }),
    rawPixels: async () => ({ train: await pixels(train), test: await pixels(test) }),
    knn: async (split) => (await knn(labelled(split))).accuracy,
    score: async (split) => {
      const nearest = await knn(labelled(split));
      const linear = await linearProbe({ ...labelled(split), classes, seed });
      return {
        knn: nearest.accuracy,
        linear: linear.accuracy,
        knnProtocol: nearest.protocol,
        linearProtocol: linear.protocol,
      };
    },
  };
}

/** The features of every image of a source that can be read. */
export async function sourceFeatures(
  encoder: LayersModel,
  source: ImageSource | StreamSource,
  renderer: ViewRenderer,
  skipping: Skipping,
): Promise<SourceFeatures> {
  const indices: number[] = [];
  async function* noted(): AsyncGenerator<Parameters<typeof pixelFeatures>[0]> {
    for await (const batch of evalBatches(source, renderer, evaluationBatch, skipping)) {
      for (const index of batch.indices) indices.push(index);
      yield batch;
    }
  }
  return { ...(await extractFeatures(encoder, noted())), indices };
}

/** Images per forward pass of the evaluation. */
const evaluationBatch = 256;

export function maximum(values: Labels): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, value);
  return largest;
}
