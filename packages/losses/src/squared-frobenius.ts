import { matMul, mul, square, sum } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';

/**
 * ‖aᵀb‖²_F, the sum of the squares of a `[dim, dim]` product, by the cheaper of two equal ways.
 *
 * ‖aᵀb‖² = ⟨aaᵀ, bbᵀ⟩, so that wide projections (8192) of usual batches need two `[batch, batch]` products instead of one
 * of 8192². With `a === b` one product does.
 */
export function squaredFrobenius(a: Tensor2D, b: Tensor2D): Scalar {
  const [batch, dim] = a.shape;
  const gramProducts = a === b ? 1 : 2;
  if (dim <= gramProducts * batch) return sum<Scalar>(square(matMul(a, b, true, false)));
  const gram = matMul(a, a, false, true);
  return sum<Scalar>(a === b ? square(gram) : mul(gram, matMul(b, b, false, true)));
}
