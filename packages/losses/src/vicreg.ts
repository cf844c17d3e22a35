import { add, div, mean, mul, relu, sqrt, square, sub, sum, tidy } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { checkOption, checkPair } from './check.ts';
import { LossError } from './error.ts';
import { squaredFrobenius } from './squared-frobenius.ts';

/** Added to the variance under the root, as in the official code. */
const EPSILON = 1e-4;

/** The weights of VICReg's three terms. */
export interface VicregOptions {
  /** λ, of the mean squared error between the views. Default 25. */
  readonly invariance?: number;
  /** μ, of the hinge that keeps each dimension's standard deviation at 1 or more. Default 25. */
  readonly variance?: number;
  /** ν, of the squared off-diagonal covariances. Default 1. */
  readonly covariance?: number;
}

/**
 * VICReg: λ·mean((a−b)²) + μ·½Σ_z mean(max(0, 1−√(var z + 1e-4))) + ν·Σ_z Σ_{i≠j} cov(z)²ᵢⱼ / dim, z in {a, b}.
 *
 * Variances and covariances divide by batch − 1; the ½ of the variance term is the official code's, not the paper's.
 * Symmetric in its arguments and differentiates both.
 * @param a projections of the first view `[batch, dim]`
 * @param b projections of the second view `[batch, dim]`
 * @throws LossError `shape-mismatch`, `batch-too-small` for a batch of one, or `invalid-option` for a negative weight
 * @see Bardes et al. 2021, https://arxiv.org/abs/2105.04906, eq. 1–6; facebookresearch/vicreg `main_vicreg.py`
 */
export function vicreg(a: Tensor2D, b: Tensor2D, options: VicregOptions = {}): Scalar {
  const { invariance = 25, variance = 25, covariance = 1 } = options;
  checkPair('vicreg', a, b);
  for (const [name, value] of Object.entries({ invariance, variance, covariance })) checkOption('vicreg', name, value);
  if (a.shape[0] < 2) {
    throw new LossError('batch-too-small', 'vicreg was given a batch of 1, but a variance needs at least 2 images.');
  }
  return tidy(() => {
    const parts = [a, b].map(spread) as [Spread, Spread];
    const total = add(
      mul(mean<Scalar>(square(sub(a, b))), invariance),
      add(
        mul(add(parts[0].hinge, parts[1].hinge), variance / 2),
        mul(add(parts[0].offDiagonal, parts[1].offDiagonal), covariance),
      ),
    );
    return total as Scalar;
  });
}

interface Spread {
  /** How far the standard deviations fall short of 1, on average. */
  readonly hinge: Scalar;
  /** Σ_{i≠j} cov²ᵢⱼ / dim. */
  readonly offDiagonal: Scalar;
}

function spread(z: Tensor2D): Spread {
  const [batch, dim] = z.shape;
  const centred = sub(z, mean(z, 0)) as Tensor2D;
  const variances = div(sum<Tensor1D>(square(centred), 0), batch - 1);
  const allSquares = div(squaredFrobenius(centred, centred), (batch - 1) ** 2);
  return {
    hinge: mean<Scalar>(relu(sub(1, sqrt(add(variances, EPSILON))))),
    offDiagonal: div(sub(allSquares, sum<Scalar>(square(variances))), dim),
  };
}
