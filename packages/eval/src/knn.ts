import { EvalError } from './error.ts';
import { checkFeatures } from './features.ts';
import type { Features } from './features.ts';
import { accuracyOf, checkLabels, checkSameDim } from './labels.ts';
import type { ClassLabels } from './labels.ts';
import { eachCosineRow } from './similarity.ts';
import { topK } from './top-k.ts';

export interface KnnOptions {
  readonly train: Features;
  readonly trainLabels: ClassLabels;
  readonly test: Features;
  readonly testLabels: ClassLabels;
  /** Neighbours that vote. The literature's 200 is for sets of ImageNet's or CIFAR's size. */
  readonly k?: number;
  /** τ of the votes exp(similarity / τ). */
  readonly temperature?: number;
  readonly metric?: 'cosine';
}

export interface KnnResult {
  /** Top-1, from 0 to 1. */
  readonly accuracy: number;
  /** What to print beside the number: `weighted kNN, k=20, τ=0.07, cosine`. */
  readonly protocol: string;
  /** The predicted class of each test row. */
  readonly predictions: Int32Array;
}

/**
 * Weighted k-nearest-neighbour classification: ŷ = argmax_c Σ_{i ∈ N_k(x), y_i = c} exp(cos(x, x_i) / τ).
 *
 * Nothing is trained and nothing is random. Ties go to the lower class, equally similar neighbours to the lower row.
 * @throws EvalError `mismatch` for dimensions or labels that do not agree, `bad-option` for a `k` or τ that cannot be
 *   used, `non-finite` for NaN or infinity among the features
 * @see Wu, Xiong, Yu & Lin 2018, "Unsupervised Feature Learning via Non-Parametric Instance Discrimination", section 3.4
 */
export async function knn(options: KnnOptions): Promise<KnnResult> {
  const { train, trainLabels, test, testLabels, k = 20, temperature = 0.07, metric = 'cosine' } = options;
  checkFeatures('train', train);
  checkFeatures('test', test);
  checkSameDim(train, test);
  checkLabels('trainLabels', trainLabels, train);
  checkLabels('testLabels', testLabels, test);
  checkNeighbours(k, train.rows);
  if (!(temperature > 0) || temperature === Infinity) {
    throw new EvalError('bad-option', `temperature is ${temperature}; give a positive number such as 0.07.`);
  }
  if (metric !== 'cosine') {
    throw new EvalError('bad-option', `metric is ${String(metric)}; the one metric there is is 'cosine'.`);
  }

  let classes = 0;
  for (let row = 0; row < train.rows; row++) classes = Math.max(classes, trainLabels[row]! + 1);
  const votes = new Float64Array(classes);
  const indices = new Int32Array(k);
  const similarities = new Float32Array(k);
  const predictions = new Int32Array(test.rows);
  await eachCosineRow(test, train, (row, all) => {
    topK(all, k, indices, similarities);
    votes.fill(0);
    for (let i = 0; i < k; i++) {
      const label = trainLabels[indices[i]!]!;
      // Relative to the nearest neighbour: the same argmax, and no overflow at a small τ.
      votes[label] = votes[label]! + Math.exp((similarities[i]! - similarities[0]!) / temperature);
    }
    predictions[row] = argMax(votes);
  });
  return {
    accuracy: accuracyOf(predictions, testLabels),
    protocol: `weighted kNN, k=${k}, τ=${temperature}, ${metric}`,
    predictions,
  };
}

/** Throws unless `k` neighbours can be chosen among `available` rows. */
export function checkNeighbours(k: number, available: number): void {
  if (!Number.isInteger(k) || k < 1 || k > available) {
    throw new EvalError('bad-option', `k is ${k}; give a whole number from 1 to ${available}, the number of rows to choose from.`);
  }
}

function argMax(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
