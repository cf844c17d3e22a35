import type { ImageSource, ViewRenderer } from '@selfsup/data';
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

/** Judges encoders on labelled images. Nothing here ever reaches the training. */
export interface Evaluation {
  readonly features: (encoder: LayersModel) => Promise<SplitFeatures>;
  readonly knn: (features: SplitFeatures) => Promise<number>;
  readonly score: (features: SplitFeatures) => Promise<Score>;
  /** Pixels as they are, as a baseline. */
  readonly rawPixels: () => Promise<SplitFeatures>;
}

export interface SplitFeatures {
  readonly train: Features;
  readonly test: Features;
}

export interface EvaluationOptions {
  readonly train: ImageSource;
  readonly test: ImageSource;
  readonly renderer: ViewRenderer;
  readonly neighbours: number;
  readonly seed: number;
}

/** The evaluation of a labelled set, or null when either split has no labels. */
export function createEvaluation(options: EvaluationOptions): Evaluation | null {
  const { train, test, renderer, neighbours, seed } = options;
  const { labels: trainLabels } = train;
  const { labels: testLabels } = test;
  if (!trainLabels || !testLabels) return null;
  const classes = 1 + Math.max(maximum(trainLabels), maximum(testLabels));
  const k = Math.min(neighbours, train.length);
  const neighboursOf = (features: SplitFeatures): ReturnType<typeof knn> =>
    knn({ train: features.train, trainLabels, test: features.test, testLabels, k });
  return {
    features: async (encoder) => ({
      train: await extractFeatures(encoder, evalBatches(train, renderer, evaluationBatch)),
      test: await extractFeatures(encoder, evalBatches(test, renderer, evaluationBatch)),
    }),
    rawPixels: async () => ({
      train: pixelFeatures(await renderAll(train, renderer)),
      test: pixelFeatures(await renderAll(test, renderer)),
    }),
    knn: async (features) => (await neighboursOf(features)).accuracy,
    score: async (features) => {
      const nearest = await neighboursOf(features);
      const linear = await linearProbe({ ...features, trainLabels, testLabels, classes, seed });
      return {
        knn: nearest.accuracy,
        linear: linear.accuracy,
        knnProtocol: nearest.protocol,
        linearProtocol: linear.protocol,
      };
    },
  };
}

/** Images per forward pass of the evaluation. */
const evaluationBatch = 256;

export function maximum(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i]!);
  return largest;
}
