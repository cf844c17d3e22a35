import { add, concat, div, matMul, mean, oneHot, range, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { checkOption, checkPair } from './check.ts';
import { l2Normalize } from './l2-normalize.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';

const EPSILON = 1e-12;
/** Added to a row's similarity with itself; its exponential is 0 beside any other. */
const MASKED = -1e9;

export interface NtXentOptions {
  /** τ, above 0: .1 for SimCLR on ImageNet, .5 on CIFAR-10. */
  readonly temperature: number;
}

/**
 * SimCLR's contrastive loss over the 2N views of N images: mean over all i of −log softmaxⱼ≠ᵢ(cos(zᵢ, zⱼ)/τ) at i's other view.
 *
 * Symmetric in its arguments and differentiates both. Its matrix of similarities is `[2·batch, 2·batch]`.
 * @param a projections of the first view `[batch, dim]`
 * @param b projections of the second view `[batch, dim]`
 * @throws LossError `shape-mismatch`, or `invalid-option` for a temperature that is not above 0
 * @see Chen et al. 2020, https://arxiv.org/abs/2002.05709, eq. 1; google-research/simclr `objective.py`
 */
export function ntXent(a: Tensor2D, b: Tensor2D, { temperature }: NtXentOptions): Scalar {
  checkPair('ntXent', a, b);
  checkOption('ntXent', 'temperature', temperature, true);
  const batch = a.shape[0];
  const views = 2 * batch;
  return tidy(() => {
    const z = l2Normalize(concat([a, b]), EPSILON);
    const itself = oneHot(range(0, views, 1, 'int32'), views, MASKED, 0, 'float32');
    const logits = add<Tensor2D>(div(matMul(z, z, false, true), temperature), itself);
    const otherView = Int32Array.from({ length: views }, (_, i) => (i + batch) % views);
    return mean<Scalar>(softmaxCrossEntropy(logits, tensor1d(otherView, 'int32')));
  });
}
