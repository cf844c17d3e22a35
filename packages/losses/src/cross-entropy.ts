import { mean, tidy } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { LossError } from './error.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';

/**
 * The supervised loss: −mean over the batch of log softmax(logits) at the label.
 *
 * Differentiates the logits. Labels outside of 0 … classes − 1 count as 0: check them where they come from.
 * @param logits `[batch, classes]`
 * @param labels `[batch]`, int32
 * @throws LossError `shape-mismatch` unless there is one label per row of a non-empty batch
 * @see torch.nn.CrossEntropyLoss
 */
export function crossEntropy(logits: Tensor2D, labels: Tensor1D): Scalar {
  if (logits.rank !== 2 || labels.rank !== 1 || logits.shape[0] !== labels.shape[0] || logits.size === 0) {
    throw new LossError(
      'shape-mismatch',
      `crossEntropy was given [${logits.shape.join(', ')}] and [${labels.shape.join(', ')}], but it reads [batch, classes] and [batch].`,
    );
  }
  return tidy(() => mean<Scalar>(softmaxCrossEntropy(logits, labels)));
}
