import { add, div, greater, minimum, mul, sqrt, square, sub, sum, tidy, where } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { createBuffers } from './buffers.ts';
import { hasKernel, runFused } from './fused.ts';
import { checkOption, excludeBiasAndNorm, updatesOf, valueAt } from './group.ts';
import type { CommonOptions, Update } from './group.ts';
import type { Optimizer } from './optimizer.ts';

const KERNEL = 'SelfsupLarsUpdate';

export interface LarsOptions extends CommonOptions {
  /** m, in [0, 1). Default .9. */
  readonly momentum?: number;
  /** η, the trust coefficient. Default 1e-3. */
  readonly trust?: number;
}

/**
 * LARS as BYOL, VICReg and Barlow Twins use it: u = g + wd·w, q = η‖w‖/‖u‖, v ← m·v + q·u, w ← w − lr·v.
 *
 * q is 1 where either norm is 0. The learning rate comes after the momentum, as in the official code of all three; the LARS
 * paper has it inside of the momentum. `exclude` (default `excludeBiasAndNorm`) leaves parameters out of weight decay *and*
 * of q; a weight decay of 0 alone leaves q in place.
 * One kernel for all parameters where the backend has `SelfsupLarsUpdate`. State: v under the parameter's name.
 * @throws OptimError `invalid-option` for a momentum outside of [0, 1) or a negative trust
 * @see You et al. 2017, https://arxiv.org/abs/1708.03888; deepmind-research `byol/utils/optimizers.py`
 */
export function lars({ exclude = excludeBiasAndNorm, momentum = 0.9, trust = 1e-3, ...options }: LarsOptions): Optimizer {
  checkOption('lars', 'momentum', momentum, 0, 1);
  checkOption('lars', 'trust', trust, 0, Infinity);
  const buffers = createBuffers();
  const apply = ({ parameter, gradient, weightDecay, adapt, learningRate }: Update): void => {
    const { variable: w, name } = parameter;
    const u = weightDecay === 0 ? gradient : add(gradient, mul(w, weightDecay));
    const adapted = adapt ? mul(u, trustRatio(w, u, trust)) : u;
    const previous = buffers.get(name, w.shape);
    const v = previous ? add(mul(previous, momentum), adapted) : adapted;
    buffers.set(name, v);
    w.assign(sub(w, mul(v, learningRate)));
  };
  return {
    name: 'lars',
    step: (parameters, gradients, at) => {
      const updates = updatesOf(parameters, gradients, at, { ...options, exclude });
      const adapt = updates.map((update) => update.adapt);
      if (hasKernel(KERNEL)) runFused(KERNEL, updates, buffers, [{ letter: 'v', suffix: '' }], { momentum, trust, adapt });
      else for (const update of updates) tidy(() => apply(update));
      return { learningRate: valueAt(options.learningRate, at) };
    },
    state: buffers.state,
    restore: buffers.restore,
    dispose: buffers.dispose,
  };
}

/** η‖w‖/‖u‖, or 1 where either norm is 0; stays on the device. */
function trustRatio(w: Tensor, u: Tensor, trust: number): Tensor {
  const squaredW = sum<Scalar>(square(w));
  const squaredU = sum<Scalar>(square(u));
  const ratio = mul(sqrt(div(squaredW, squaredU)), trust);
  return where(greater(minimum(squaredW, squaredU), 0), ratio, 1);
}
