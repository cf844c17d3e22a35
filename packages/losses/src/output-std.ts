import { mean, mul, sqrt, square, sub, tidy } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { LossError } from './error.ts';
import { l2Normalize } from './l2-normalize.ts';

/**
 * How far an output is from collapse: √dim · mean over dimensions of std over the batch of z / ‖z‖.
 *
 * About 1 when the normalised outputs spread over the sphere, 0 when all images get the same output. The standard
 * deviation is the population's (divides by batch), so that a batch of one answers 0. A diagnostic: do not differentiate
 * it, its gradient is infinite at collapse.
 * @param z `[batch, dim]`
 * @throws LossError `shape-mismatch` unless z is a non-empty `[batch, dim]`
 * @see Chen & He 2020, https://arxiv.org/abs/2011.10566, section 4.1 and figure 2
 */
export function outputStd(z: Tensor2D): Scalar {
  if (z.rank !== 2 || z.size === 0) {
    throw new LossError('shape-mismatch', `outputStd was given [${z.shape.join(', ')}], but it reads a non-empty [batch, dim].`);
  }
  return tidy(() => {
    const normalized = l2Normalize(z, 1e-12);
    const variances = mean(square(sub(normalized, mean(normalized, 0))), 0);
    return mul(mean<Scalar>(sqrt(variances)), Math.sqrt(z.shape[1]));
  });
}
