import { add, div, mean, mul, rsqrt, square, sub, sum, tidy } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { checkOption, checkPair } from './check.ts';
import { squaredFrobenius } from './squared-frobenius.ts';

/** Of `torch.nn.BatchNorm1d`, which standardises the projections in the official code. */
const EPSILON = 1e-5;

export interface BarlowTwinsOptions {
  /** λ, the weight of the off-diagonal terms. Default .0051. */
  readonly lambda?: number;
}

/**
 * Barlow Twins: Σᵢ(1 − Cᵢᵢ)² + λ·Σ_{i≠j} C²ᵢⱼ, with C the cross-correlation of the two views over the batch.
 *
 * C = âᵀb̂ / batch, where â and b̂ are standardised per dimension with the biased variance and epsilon 1e-5, as batch
 * normalisation without scale and offset does. Differentiates both arguments.
 * @param a projections of the first view `[batch, dim]`
 * @param b projections of the second view `[batch, dim]`
 * @throws LossError `shape-mismatch`, or `invalid-option` for a negative lambda
 * @see Zbontar et al. 2021, https://arxiv.org/abs/2103.03230, eq. 1; facebookresearch/barlowtwins `main.py`
 */
export function barlowTwins(a: Tensor2D, b: Tensor2D, { lambda = 0.0051 }: BarlowTwinsOptions = {}): Scalar {
  checkPair('barlowTwins', a, b);
  checkOption('barlowTwins', 'lambda', lambda);
  const [batch] = a.shape;
  return tidy(() => {
    const [first, second] = [standardize(a), standardize(b)];
    const diagonal = mean<Tensor1D>(mul(first, second), 0);
    const allSquares = div(squaredFrobenius(first, second), batch ** 2);
    const offDiagonal = sub(allSquares, sum<Scalar>(square(diagonal)));
    return add(sum<Scalar>(square(sub(1, diagonal))), mul(offDiagonal, lambda)) as Scalar;
  });
}

function standardize(z: Tensor2D): Tensor2D {
  const centred = sub(z, mean(z, 0));
  return mul(centred, rsqrt(add(mean(square(centred), 0), EPSILON)));
}
