import { mean, mul, neg, sum, tidy } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { checkPair } from './check.ts';
import { l2Normalize } from './l2-normalize.ts';

/** The square of the 1e-8 below which `torch.nn.CosineSimilarity` clamps each norm. */
const EPSILON = 1e-16;

/**
 * SimSiam's loss in one direction: −mean over the batch of cos(p, z), from −1 (aligned) to 1.
 *
 * Differentiates both arguments: give it a detached z. A zero row counts as cosine 0 and has a finite gradient.
 * @param p predictions `[batch, dim]`
 * @param z targets `[batch, dim]`
 * @throws LossError `shape-mismatch`
 * @see Chen & He 2020, https://arxiv.org/abs/2011.10566, eq. 1; facebookresearch/simsiam `main_simsiam.py`
 */
export function negativeCosine(p: Tensor2D, z: Tensor2D): Scalar {
  checkPair('negativeCosine', p, z);
  return tidy(() => neg(mean<Scalar>(sum(mul(l2Normalize(p, EPSILON), l2Normalize(z, EPSILON)), -1))));
}
