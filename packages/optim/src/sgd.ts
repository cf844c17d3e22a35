import { add, mul, sub, tidy } from '@tensorflow/tfjs-core';
import { createBuffers } from './buffers.ts';
import { hasKernel, runFused } from './fused.ts';
import { checkOption, updatesOf, valueAt } from './group.ts';
import type { CommonOptions, Update } from './group.ts';
import type { Optimizer } from './optimizer.ts';

const KERNEL = 'SelfsupSgdUpdate';

export interface SgdOptions extends CommonOptions {
  /** m, in [0, 1). Default .9. */
  readonly momentum?: number;
  /** Looks one momentum ahead: w ← w − lr·(g + m·v). Default false. */
  readonly nesterov?: boolean;
}

/**
 * Stochastic gradient descent with momentum, to `torch.optim.SGD`'s arithmetic: g ← g + wd·w, v ← m·v + g, w ← w − lr·v.
 *
 * The first v of a parameter is its g. Weight decay covers all parameters unless `exclude` or `groups` says otherwise.
 * One kernel for all parameters where the backend has `SelfsupSgdUpdate`; otherwise two per parameter, two more with momentum and
 * two more with weight decay.
 * State: v under the parameter's name; none without momentum.
 * @throws OptimError `invalid-option` for a momentum outside of [0, 1)
 * @see https://pytorch.org/docs/stable/generated/torch.optim.SGD.html (dampening 0)
 */
export function sgd(options: SgdOptions): Optimizer {
  const { learningRate, momentum = 0.9, nesterov = false } = options;
  checkOption('sgd', 'momentum', momentum, 0, 1);
  const buffers = createBuffers();
  const apply = ({ parameter, gradient, weightDecay, learningRate: rate }: Update): void => {
    const { variable: w, name } = parameter;
    const g = weightDecay === 0 ? gradient : add(gradient, mul(w, weightDecay));
    let direction = g;
    if (momentum !== 0) {
      const previous = buffers.get(name, w.shape);
      const v = previous ? add(mul(previous, momentum), g) : g;
      buffers.set(name, v);
      direction = nesterov ? add(g, mul(v, momentum)) : v;
    }
    w.assign(sub(w, mul(direction, rate)));
  };
  return {
    name: 'sgd',
    step: (parameters, gradients, at) => {
      const updates = updatesOf(parameters, gradients, at, options);
      if (hasKernel(KERNEL)) runFused(KERNEL, updates, buffers, momentum === 0 ? [] : [{ letter: 'v', suffix: '' }], { momentum, nesterov });
      else for (const update of updates) tidy(() => apply(update));
      return { learningRate: valueAt(learningRate, at) };
    },
    state: buffers.state,
    restore: buffers.restore,
    dispose: buffers.dispose,
  };
}
