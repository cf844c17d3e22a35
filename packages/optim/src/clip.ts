import { addN, dispose, div, maximum, mul, scalar, sqrt, square, sum, tidy } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { OptimError } from './error.ts';
import { hasKernel, runKernel } from './fused.ts';
import type { Optimizer } from './optimizer.ts';

const KERNEL = 'SelfsupClipByGlobalNorm';

/**
 * Scales all gradients together, so that the norm of their concatenation is at most `maxNorm`: g · min(1, maxNorm/‖G‖).
 *
 * Answers new tensors, which the caller disposes. Gradients below `maxNorm` keep their exact values. torch's
 * `clip_grad_norm_` divides by ‖G‖ + 1e-6 instead.
 * @throws OptimError `invalid-option` unless maxNorm is above 0
 * @see Pascanu et al. 2013, https://arxiv.org/abs/1211.5063
 */
export function clipByGlobalNorm(gradients: ReadonlyMap<string, Tensor>, maxNorm: number): Map<string, Tensor> {
  if (!(maxNorm > 0)) {
    throw new OptimError('invalid-option', `clipByGlobalNorm was given maxNorm ${maxNorm}, but it must be above 0.`);
  }
  const names = [...gradients.keys()];
  const clipped = tidy(() => {
    if (names.length === 0) return [];
    if (hasKernel(KERNEL)) return runKernel(KERNEL, Object.fromEntries([...gradients.values()].map((gradient, i) => [`g${i}`, gradient])), { maxNorm });
    const squares = [...gradients.values()].map((gradient) => sum<Scalar>(square(gradient)));
    const factor = div(scalar(maxNorm), maximum(sqrt(addN(squares)), maxNorm));
    return [...gradients.values()].map((gradient) => mul(gradient, factor));
  });
  return new Map(names.map((name, i) => [name, clipped[i]!]));
}

/** An optimizer that clips the gradients by their global norm before each update. See `clipByGlobalNorm`. */
export function withClipping(optimizer: Optimizer, maxNorm: number): Optimizer {
  return {
    ...optimizer,
    step: (parameters, gradients, at) => {
      const clipped = clipByGlobalNorm(gradients, maxNorm);
      try {
        return optimizer.step(parameters, clipped, at);
      } finally {
        dispose([...clipped.values()]);
      }
    },
  };
}
