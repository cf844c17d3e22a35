import { add, batchNorm as normalize, customGrad, mul, relu, rsqrt, step, sub, sum, tidy } from '@tensorflow/tfjs-core';
import type { GradSaveFunc, Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import { hasKernel, runKernel } from './fused.ts';

/** What batch normalisation by running statistics reads. */
export interface BatchNormInferInputs {
  /** `[.., channels]` */
  readonly x: Tensor;
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
  readonly gamma: Tensor1D;
  readonly beta: Tensor1D;
  /** Like `x`; added after normalisation and before relu. */
  readonly residual: Tensor | undefined;
  readonly epsilon: number;
  readonly relu: boolean;
}

const KERNEL = 'SelfsupBatchNorm';

/**
 * y = relu?(γ·(x−mean)/√(variance+ε) + β + residual) with given statistics, differentiable in x, γ, β and residual.
 *
 * One pass over the numbers where the backend has `SelfsupBatchNorm`, and tfjs's batch normalisation, add and relu where it has not.
 */
export function batchNormInfer(inputs: BatchNormInferInputs): Tensor {
  const { x, mean, variance, gamma, beta, residual, epsilon, relu: withRelu } = inputs;
  if ((!residual && !withRelu) || !hasKernel(KERNEL)) {
    const y: Tensor = normalize(x as Tensor4D, mean, variance, beta, gamma, epsilon);
    const joined = residual ? add(y, residual) : y;
    return withRelu ? relu(joined) : joined;
  }
  const operation = customGrad((...operands: (Tensor | GradSaveFunc)[]) => {
    const save = operands.at(-1) as GradSaveFunc;
    const y = runKernel(KERNEL, { x, mean, variance, gamma, beta, residual }, { epsilon, relu: withRelu })[0]!;
    save([x, mean, variance, gamma, ...(withRelu ? [y] : [])]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [savedX, savedMean, savedVariance, savedGamma, savedY] = saved as [Tensor, Tensor, Tensor, Tensor, Tensor?];
      return tidy(() => {
        const g = savedY ? mul(dy, step(savedY)) : dy.clone();
        const inverse = rsqrt(add(savedVariance, epsilon));
        const axes = savedX.shape.slice(0, -1).map((_, axis) => axis);
        const dgamma = mul(sum(mul(g, sub(savedX, savedMean)), axes), inverse);
        return [mul(g, mul(savedGamma, inverse)), dgamma, sum(g, axes), ...(residual ? [g] : [])];
      });
    };
    return { value: y, gradFunc };
  });
  return operation(x, gamma, beta, ...(residual ? [residual] : []));
}
