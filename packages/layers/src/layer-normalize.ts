import { add, customGrad, mean, mul, reshape, rsqrt, square, sub, sum, tidy } from '@tensorflow/tfjs-core';
import type { GradSaveFunc, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { hasKernel, runKernel } from './fused.ts';

interface Affine {
  readonly gamma: Tensor1D;
  readonly beta: Tensor1D;
}

/** What the backward pass needs: the mean and 1/√(variance+ε) of each row, `[rows]`. */
interface Saved {
  readonly x: Tensor;
  readonly mean: Tensor1D;
  readonly inverseDeviation: Tensor1D;
  readonly gamma: Tensor1D | undefined;
}

const FORWARD = 'SelfsupLayerNorm';
const BACKWARD = 'SelfsupLayerNormGrad';

/**
 * y = γ·(x−μ)/√(σ²+ε) + β over the last axis, differentiable in x, γ and β.
 *
 * One fused kernel each way where the backend has `SelfsupLayerNorm` and `SelfsupLayerNormGrad`, and the same formulas from
 * tfjs ops where it has not.
 */
export function layerNormalize(x: Tensor, affine: Affine | undefined, epsilon: number): Tensor {
  const operation = customGrad((...operands: (Tensor | GradSaveFunc)[]) => {
    const save = operands.at(-1) as GradSaveFunc;
    const [y, rowMean, inverseDeviation] = hasKernel(FORWARD)
      ? (runKernel(FORWARD, { x, ...affine }, { epsilon }) as Forward)
      : composedForward(x, affine, epsilon);
    save([x, rowMean, inverseDeviation, ...(affine ? [affine.gamma] : [])]);
    const gradFunc = (dy: Tensor, kept: Tensor[]): Tensor[] => {
      const [savedX, savedMean, savedInverse, gamma] = kept as [Tensor, Tensor1D, Tensor1D, Tensor1D?];
      const saved: Saved = { x: savedX, mean: savedMean, inverseDeviation: savedInverse, gamma };
      return tidy(() => {
        const [dx, dgamma, dbeta] = hasKernel(BACKWARD) ? (runKernel(BACKWARD, { dy, ...saved }, {}) as Backward) : composedBackward(dy, saved);
        return affine ? [dx, dgamma, dbeta] : [dx];
      });
    };
    return { value: y, gradFunc };
  });
  return operation(x, ...(affine ? [affine.gamma, affine.beta] : []));
}

type Forward = [y: Tensor, mean: Tensor1D, inverseDeviation: Tensor1D];
type Backward = [dx: Tensor, dgamma: Tensor, dbeta: Tensor];

function composedForward(x: Tensor, affine: Affine | undefined, epsilon: number): Forward {
  const rowMean = mean(x, -1, true);
  const centred = sub(x, rowMean);
  const inverse = rsqrt(add(mean(square(centred), -1, true), epsilon));
  const normed = mul(centred, inverse);
  const rows: [number] = [x.size / x.shape.at(-1)!];
  return [affine ? add(mul(normed, affine.gamma), affine.beta) : normed, reshape(rowMean, rows), reshape(inverse, rows)];
}

/** With g = γ·dy and x̂ = (x−μ)/√(σ²+ε): dx = (g − mean(g) − x̂·mean(g·x̂))/√(σ²+ε), dγ = Σ dy·x̂, dβ = Σ dy. */
function composedBackward(dy: Tensor, { x, mean: rowMean, inverseDeviation, gamma }: Saved): Backward {
  const perRow = [...x.shape.slice(0, -1), 1];
  const allButLast = x.shape.slice(0, -1).map((_, axis) => axis);
  const inverse = reshape(inverseDeviation, perRow);
  const normed = mul(sub(x, reshape(rowMean, perRow)), inverse);
  const g = gamma ? mul(dy, gamma) : dy;
  const along = mul(normed, mean(mul(g, normed), -1, true));
  const dx = mul(sub(sub(g, mean(g, -1, true)), along), inverse);
  return [dx, sum(mul(dy, normed), allButLast), sum(dy, allButLast)];
}
