import { cast, customGrad, greater, maximum, mul, reshape, rsqrt, square, sub, sum } from '@tensorflow/tfjs-core';
import type { GradSaveFunc, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { hasKernel, runKernel } from './fused.ts';

const FORWARD = 'SelfsupL2Normalize';
const BACKWARD = 'SelfsupL2NormalizeGrad';

/**
 * Rows scaled to length 1: x̂ = x / √max(Σx², epsilon), `[batch, dim]` → `[batch, dim]`.
 *
 * A row shorter than √epsilon is divided by √epsilon, so that a zero row stays zero and has a finite gradient.
 * One differentiable op with the gradient x̂'ᵀdy = (dy − x̂·⟨x̂, dy⟩) / ‖x‖: one fused kernel each way where the backend has
 * them, and elsewhere five kernels forward and half of what the chain rule over its parts would take backward.
 * @see deepmind-research `byol/utils/helpers.py`, `l2_normalize`
 */
export function l2Normalize(x: Tensor2D, epsilon: number): Tensor2D {
  return customGrad<Tensor2D>((...args) => {
    const [input, save] = args as [Tensor2D, GradSaveFunc];
    const kept = hasKernel(FORWARD) ? runKernel(FORWARD, { x: input }, { epsilon }) : composedForward(input, epsilon);
    save(kept);
    const gradFunc = (dy: Tensor2D, saved: Tensor[]): Tensor2D => {
      const [y, squares, scale] = saved as [Tensor2D, Tensor1D, Tensor2D?];
      if (scale) return composedBackward(dy, y, squares, scale, epsilon);
      return runKernel(BACKWARD, { dy, y, squares }, { epsilon })[0] as Tensor2D;
    };
    return { value: kept[0] as Tensor2D, gradFunc };
  })(x);
}

/** x̂, Σx² of each row, and what the rows are multiplied by, `[batch, 1]`. */
function composedForward(x: Tensor2D, epsilon: number): [Tensor2D, Tensor1D, Tensor2D] {
  const squares = sum<Tensor1D>(square(x), -1);
  const scale = reshape(rsqrt(maximum(squares, epsilon)), [-1, 1]) as Tensor2D;
  return [mul(x, scale), squares, scale];
}

function composedBackward(dy: Tensor2D, y: Tensor2D, squares: Tensor1D, scale: Tensor2D, epsilon: number): Tensor2D {
  // A clamped row is only multiplied by a constant: nothing is projected out of its gradient.
  const isFree = reshape(cast(greater(squares, epsilon), 'float32'), [-1, 1]);
  const along = mul(sum(mul(dy, y), -1, true), isFree);
  return mul(sub(dy, mul(y, along)), scale);
}
