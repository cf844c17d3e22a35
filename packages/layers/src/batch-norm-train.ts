import { add, concat, customGrad, mean, mul, relu, rsqrt, split, square, step, sub, sum, tidy } from '@tensorflow/tfjs-core';
import type { GradSaveFunc, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { hasKernel, isGivenUp, runKernel } from './fused.ts';
import type { BatchStatistics } from './running-statistics.ts';

/** What batch normalisation in training mode reads. */
export interface BatchNormTrainInputs {
  /** `[.., channels]` */
  readonly x: Tensor;
  /** γ and β, `[channels]`, when the layer learns them. */
  readonly affine?: { readonly gamma: Tensor1D; readonly beta: Tensor1D };
  /** Like `x`; added after normalisation and before relu. */
  readonly residual?: Tensor | undefined;
  readonly epsilon: number;
  readonly relu: boolean;
  /** Views that follow each other in the batch, all of one size (1 by default): each is normalised by its own statistics. */
  readonly views?: number;
  /** Called off the tape with the statistics of this batch, or of one view after the other; they are freed afterwards. */
  readonly onStatistics: (statistics: BatchStatistics) => void;
}

interface Saved {
  readonly x: Tensor;
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
  readonly gamma: Tensor1D | undefined;
  readonly beta: Tensor1D | undefined;
  /** The output, kept only to know where relu cut; kernels find that from x, unless there was a residual. */
  readonly y: Tensor | undefined;
}

const FORWARD = 'SelfsupBatchNormTrain';
const BACKWARD = 'SelfsupBatchNormTrainGrad';

const allButLast = (x: Tensor): number[] => x.shape.slice(0, -1).map((_, axis) => axis);

/**
 * y = relu?(γ·(x−μ)/√(σ²+ε) + β + residual) with the statistics of each view in this batch, differentiable in x, γ, β and residual.
 *
 * One fused kernel each way where the backend has `SelfsupBatchNormTrain` and `SelfsupBatchNormTrainGrad`, and the same
 * two formulas from tfjs ops where it has not; the tape sees one node in both cases.
 */
export function batchNormTrain(inputs: BatchNormTrainInputs): Tensor {
  const { x, affine, residual, views = 1, onStatistics } = inputs;
  if (views > 1 && !hasKernel(FORWARD)) {
    const residuals = residual ? split(residual, views) : [];
    return concat(split(x, views).map((view, i) => batchNormTrain({ ...inputs, x: view, residual: residuals[i], views: 1 })));
  }
  const operation = customGrad((...operands: (Tensor | GradSaveFunc)[]) => {
    const save = operands.at(-1) as GradSaveFunc;
    const [y, batchMean, batchVariance] = hasKernel(FORWARD) ? fusedForward(inputs) : composedForward(inputs);
    onStatistics({ mean: batchMean, variance: batchVariance, views });
    const kept: Tensor[] = [x, batchMean, batchVariance];
    if (affine) kept.push(affine.gamma, affine.beta);
    const keepsOutput = inputs.relu && (residual !== undefined || !hasKernel(BACKWARD));
    if (keepsOutput) kept.push(y);
    save(kept);

    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [savedX, savedMean, savedVariance] = saved as [Tensor, Tensor1D, Tensor1D];
      const state: Saved = {
        x: savedX,
        mean: savedMean,
        variance: savedVariance,
        gamma: affine ? (saved[3] as Tensor1D) : undefined,
        beta: affine ? (saved[4] as Tensor1D) : undefined,
        y: keepsOutput ? saved[saved.length - 1] : undefined,
      };
      return tidy(() => {
        const backward = hasKernel(BACKWARD) ? fusedBackward : composedBackward;
        const [dx, dgamma, dbeta, dresidual] = backward(dy, state, inputs);
        return [dx, ...(affine ? [dgamma, dbeta] : []), ...(residual ? [dresidual!] : [])];
      });
    };
    return { value: y, gradFunc };
  });
  return operation(x, ...(affine ? [affine.gamma, affine.beta] : []), ...(residual ? [residual] : []));
}

type Forward = [y: Tensor, mean: Tensor1D, variance: Tensor1D];
type Backward = [dx: Tensor, dgamma: Tensor, dbeta: Tensor, dresidual?: Tensor | undefined];

function fusedForward({ x, affine, residual, epsilon, relu: withRelu, views = 1 }: BatchNormTrainInputs): Forward {
  return runKernel(FORWARD, { x, ...affine, residual }, { epsilon, relu: withRelu, groups: views }) as Forward;
}

function composedForward({ x, affine, residual, epsilon, relu: withRelu }: BatchNormTrainInputs): Forward {
  const axes = allButLast(x);
  const batchMean = mean<Tensor1D>(x, axes);
  const centred = sub(x, batchMean);
  const variance = mean<Tensor1D>(square(centred), axes);
  const inverse = rsqrt(add(variance, epsilon));
  let y: Tensor = affine ? add(mul(centred, mul(inverse, affine.gamma)), affine.beta) : mul(centred, inverse);
  if (residual) y = add(y, residual);
  return [withRelu ? relu(y) : y, batchMean, variance];
}

function fusedBackward(dy: Tensor, saved: Saved, { epsilon, relu: withRelu, residual, views = 1 }: BatchNormTrainInputs): Backward {
  const { x, y, gamma, beta, mean: batchMean, variance } = saved;
  const attributes = { epsilon, relu: withRelu, residual: residual !== undefined, groups: views, reuse: isGivenUp(dy) };
  return runKernel(BACKWARD, { dy, x, y, gamma, beta, mean: batchMean, variance }, attributes) as Backward;
}

/** With g = dy where y > 0: dβ = Σg, dγ = Σg·x̂, dx = γ/√(σ²+ε) · (g − dβ/n − x̂·dγ/n), dresidual = g. */
function composedBackward(dy: Tensor, saved: Saved, { epsilon }: BatchNormTrainInputs): Backward {
  const { x, y, gamma, mean: batchMean, variance } = saved;
  const axes = allButLast(x);
  const n = x.size / batchMean.size;
  const g = y ? mul(dy, step(y)) : dy.clone();
  const centred = sub(x, batchMean);
  const inverse = rsqrt(add(variance, epsilon));
  const dbeta = sum(g, axes);
  const dgamma = mul(sum(mul(g, centred), axes), inverse);
  const scale = gamma ? mul(gamma, inverse) : inverse;
  const slope = mul(mul(scale, inverse), mul(dgamma, 1 / n));
  const dx = sub(sub(mul(g, scale), mul(centred, slope)), mul(scale, mul(dbeta, 1 / n)));
  return [dx, dgamma, dbeta, g];
}
