import { matMul, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { EvalError } from './error.ts';
import type { ProbeSolver } from './probe-solver.ts';
import { shuffledIndices, uniform } from './random.ts';
import { transposed } from './similarity.ts';
import { softmaxCrossEntropy } from './softmax.ts';
import { yieldToEvents } from './yield-to-events.ts';

export interface SgdSolverOptions {
  /** At the first step; it falls to 0 along a cosine. Divided by nothing: scale it with the batch size yourself. */
  readonly learningRate?: number;
  readonly momentum?: number;
  /** Added to the gradient of weights and bias, times the parameter. */
  readonly weightDecay?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
}

/**
 * Minibatch SGD with momentum and a cosine learning rate, for comparison with published numbers; use it with
 * `standardize: false`.
 *
 * The defaults are the protocol of MoCo, which SimSiam's appendix A reports beside LARS: learning rate 30, momentum 0.9,
 * no weight decay, batches of 256, 100 epochs. Deviations: MoCo divides the rate by 10 at epochs 60 and 80, here it falls
 * along a cosine; batches come from fixed features, not from augmented images.
 * @throws EvalError `bad-option` for a value that cannot be used
 * @see Chen & He 2021, "Exploring Simple Siamese Representation Learning", appendix A
 */
export function sgdSolver(options: SgdSolverOptions = {}): ProbeSolver {
  const { learningRate = 30, momentum = 0.9, weightDecay = 0, epochs = 100, batchSize = 256 } = options;
  if (!(learningRate > 0 && momentum >= 0 && momentum < 1 && weightDecay >= 0)) {
    throw new EvalError(
      'bad-option',
      `learningRate is ${learningRate}, momentum ${momentum} and weightDecay ${weightDecay}; ` +
        'give a positive rate, a momentum from 0 to below 1, and a decay of at least 0.',
    );
  }
  if (!(Number.isInteger(epochs) && epochs > 0 && Number.isInteger(batchSize) && batchSize > 0)) {
    throw new EvalError('bad-option', `epochs is ${epochs} and batchSize ${batchSize}; give whole numbers of at least 1.`);
  }
  return {
    protocol: `SGD, lr=${learningRate} cosine, momentum=${momentum}, wd=${weightDecay}, batch ${batchSize}, ${epochs} epochs`,
    fit: async ({ inputs: { data, rows, dim }, labels, classes, seed }) => {
      const random = uniform(seed);
      const weights = new Float32Array(dim * classes);
      const velocity = new Float32Array(dim * classes);
      const steps = epochs * Math.ceil(rows / batchSize);
      let step = 0;
      for (let epoch = 0; epoch < epochs; epoch++) {
        const order = shuffledIndices(rows, random);
        for (let start = 0; start < rows; start += batchSize) {
          const chosen = order.subarray(start, start + batchSize);
          const batch = new Float32Array(chosen.length * dim);
          chosen.forEach((row, i) => batch.set(data.subarray(row * dim, (row + 1) * dim), i * dim));
          const batchLabels = chosen.map((row) => labels[row]!);
          const gradient = await gradientOf(batch, weights, batchLabels, dim, classes);
          const rate = (learningRate * (1 + Math.cos((Math.PI * step++) / steps))) / 2;
          for (let i = 0; i < weights.length; i++) {
            velocity[i] = momentum * velocity[i]! + gradient[i]! + weightDecay * weights[i]!;
            weights[i] = weights[i]! - rate * velocity[i]!;
          }
          await yieldToEvents();
        }
      }
      return weights;
    },
  };
}

/** Of the mean cross-entropy of one batch. */
async function gradientOf(
  batch: Float32Array,
  weights: Float32Array,
  labels: Int32Array,
  dim: number,
  classes: number,
): Promise<Float32Array> {
  const rows = labels.length;
  const logits = tidy(() => matMul(tensor2d(batch, [rows, dim]), tensor2d(weights, [dim, classes])));
  const residual = await logits.data<'float32'>();
  logits.dispose();
  softmaxCrossEntropy(residual, labels, classes);
  const product = tidy(() =>
    matMul(tensor2d(transposed(batch, rows, dim), [dim, rows]), tensor2d(residual, [rows, classes])),
  );
  const gradient = await product.data<'float32'>();
  product.dispose();
  return gradient;
}
