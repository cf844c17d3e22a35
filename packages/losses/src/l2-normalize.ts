import { cast, customGrad, greater, maximum, mul, rsqrt, square, sub, sum } from '@tensorflow/tfjs-core';
import type { GradSaveFunc, Tensor2D } from '@tensorflow/tfjs-core';

/**
 * Rows scaled to length 1: x̂ = x / √max(Σx², epsilon), `[batch, dim]` → `[batch, dim]`.
 *
 * A row shorter than √epsilon is divided by √epsilon, so that a zero row stays zero and has a finite gradient.
 * One differentiable op of five kernels forward; its gradient
 * x̂'ᵀdy = (dy − x̂·⟨x̂, dy⟩) / ‖x‖ takes half the kernels that the chain rule over its parts would.
 * @see deepmind-research `byol/utils/helpers.py`, `l2_normalize`
 */
export function l2Normalize(x: Tensor2D, epsilon: number): Tensor2D {
  return customGrad<Tensor2D>((...args) => {
    const [input, save] = args as [Tensor2D, GradSaveFunc];
    const squares = sum(square(input), -1, true);
    const scale = rsqrt(maximum(squares, epsilon));
    const value = mul(input, scale) as Tensor2D;
    save([value, scale, squares]);
    return {
      value,
      gradFunc: (dy: Tensor2D, saved) => {
        const [y, rowScale, rowSquares] = saved as [Tensor2D, Tensor2D, Tensor2D];
        // A clamped row is only multiplied by a constant: nothing is projected out of its gradient.
        const isFree = cast(greater(rowSquares, epsilon), 'float32');
        const along = mul(sum(mul(dy, y), -1, true), isFree);
        return mul(sub(dy, mul(y, along)), rowScale);
      },
    };
  })(x);
}
