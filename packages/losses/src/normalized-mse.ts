import { mean, square, sub, sum, tidy } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { checkPair } from './check.ts';
import { l2Normalize } from './l2-normalize.ts';

/** Under the square root, as in the official `l2_normalize`. */
const EPSILON = 1e-12;

/**
 * BYOL's loss in one direction: mean over the batch of ‖p̂ − ẑ‖² = 2 − 2·cos(p, z), from 0 (aligned) to 4.
 *
 * Differentiates both arguments: give it a detached z. BYOL *sums* its two directions. Computed from the difference,
 * not from the cosine, which keeps the digits of a small loss. A zero row has a finite gradient.
 * @param p predictions `[batch, dim]`
 * @param z targets `[batch, dim]`
 * @throws LossError `shape-mismatch`
 * @see Grill et al. 2020, https://arxiv.org/abs/2006.07733, eq. 2; deepmind-research `byol/utils/helpers.py`, `regression_loss`
 */
export function normalizedMse(p: Tensor2D, z: Tensor2D): Scalar {
  checkPair('normalizedMse', p, z);
  return tidy(() => mean<Scalar>(sum(square(sub(l2Normalize(p, EPSILON), l2Normalize(z, EPSILON))), -1)));
}
