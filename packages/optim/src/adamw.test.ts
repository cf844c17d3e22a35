import { expect, it } from 'vitest';
import { describeOnBackends, expectParity, expectResumable } from '../test/training.ts';
import type { ScalarRule } from '../test/training.ts';
import { adamW } from './adamw.ts';
import { OptimError } from './error.ts';
import { excludeBiasAndNorm } from './group.ts';

/** torch.optim.AdamW. */
function torch(lr: number, wd: number, from = 0): ScalarRule {
  let [m, v, t]: [number[], number[], number] = [[], [], 0];
  return (w, g, step) => {
    if (step < from) return w;
    t++;
    m = g.map((value, i) => 0.9 * (m[i] ?? 0) + 0.1 * value);
    v = g.map((value, i) => 0.999 * (v[i] ?? 0) + 0.001 * value ** 2);
    return w.map((value, i) => {
      const root = Math.sqrt(v[i]!) / Math.sqrt(1 - 0.999 ** t);
      return value * (1 - lr * wd) - ((lr / (1 - 0.9 ** t)) * m[i]!) / (root + 1e-8);
    });
  };
}

describeOnBackends('adamW', () => {
  it('has the arithmetic of torch over five steps, with parameters that start late', () => {
    expectParity(adamW({ learningRate: 0.05 }), () => torch(0.05, 0));
    const optimizer = adamW({
      learningRate: 0.05,
      weightDecay: 0.4,
      exclude: excludeBiasAndNorm,
      groups: ({ group }) => (group === 'predictor' ? { frozen: ({ step }) => step < 2 } : {}),
    });
    expectParity(optimizer, ({ role, group }) => torch(0.05, role === 'weight' ? 0.4 : 0, group === 'predictor' ? 2 : 0));
  });

  it('resumes to the same bits and gives its memory back', () => {
    expectResumable(() => adamW({ learningRate: 0.05, weightDecay: 0.4 }));
  });

  it('refuses betas outside of [0, 1) and a negative epsilon', () => {
    for (const options of [{ beta1: 1 }, { beta2: -0.1 }, { epsilon: -1 }]) {
      expect(() => adamW({ learningRate: 0.1, ...options })).toThrow(OptimError);
    }
  });
});
