import { add, div, mul, scalar, sqrt, square, sub, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { createBuffers } from './buffers.ts';
import { hasKernel, runFused } from './fused.ts';
import type { FusedState } from './fused.ts';
import { checkOption, updatesOf, valueAt } from './group.ts';
import type { CommonOptions, Update } from './group.ts';
import type { Optimizer } from './optimizer.ts';

const KERNEL = 'SelfsupAdamWUpdate';

const states: readonly FusedState[] = [
  { letter: 'm', suffix: '/m' },
  { letter: 'v', suffix: '/v' },
  { letter: 'a', suffix: '/m-correction', scalar: true },
  { letter: 'b', suffix: '/v-correction', scalar: true },
];

export interface AdamWOptions extends CommonOptions {
  /** Decay of the mean of gradients, in [0, 1). Default .9. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients, in [0, 1). Default .999. */
  readonly beta2?: number;
  /** Added to the root of the second mean. Default 1e-8. */
  readonly epsilon?: number;
}

/**
 * Adam with decoupled weight decay: w ← w·(1 − lr·wd) − lr·m̂/(√v̂ + ε), with bias-corrected means m̂ of g and v̂ of g².
 *
 * To `torch.optim.AdamW`'s arithmetic, but that weight decay is 0 unless given. The corrections 1 − βᵗ are kept as means of
 * ones, per parameter, so that a parameter that was frozen for a while goes on where it stood.
 * One kernel for all parameters where the backend has `SelfsupAdamWUpdate`.
 * State: `name/m`, `name/v`, `name/m-correction`, `name/v-correction`.
 * @throws OptimError `invalid-option` for a beta outside of [0, 1) or a negative epsilon
 * @see Loshchilov & Hutter 2017, https://arxiv.org/abs/1711.05101, algorithm 2
 */
export function adamW(options: AdamWOptions): Optimizer {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  checkOption('adamW', 'beta1', beta1, 0, 1);
  checkOption('adamW', 'beta2', beta2, 0, 1);
  checkOption('adamW', 'epsilon', epsilon, 0, Infinity);
  const buffers = createBuffers();
  const movingMean = (name: string, value: Tensor, beta: number): Tensor => {
    const previous = buffers.get(name, value.shape);
    const share = mul(value, 1 - beta);
    const next = previous ? add(mul(previous, beta), share) : share;
    buffers.set(name, next);
    return next;
  };
  const apply = ({ parameter, gradient, learningRate: rate, weightDecay }: Update): void => {
    const { variable: w, name } = parameter;
    const one = scalar(1);
    const m = div(movingMean(`${name}/m`, gradient, beta1), movingMean(`${name}/m-correction`, one, beta1));
    const v = div(movingMean(`${name}/v`, square(gradient), beta2), movingMean(`${name}/v-correction`, one, beta2));
    const decayed = weightDecay === 0 ? w : mul(w, 1 - rate * weightDecay);
    w.assign(sub(decayed, mul(div(m, add(sqrt(v), epsilon)), rate)));
  };
  return {
    name: 'adamw',
    step: (parameters, gradients, at) => {
      const updates = updatesOf(parameters, gradients, at, options);
      if (hasKernel(KERNEL)) runFused(KERNEL, updates, buffers, states, { beta1, beta2, epsilon });
      else for (const update of updates) tidy(() => apply(update));
      return { learningRate: valueAt(learningRate, at) };
    },
    state: buffers.state,
    restore: buffers.restore,
    dispose: buffers.dispose,
  };
}
