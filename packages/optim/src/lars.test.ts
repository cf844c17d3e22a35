import { tensor, tensor2d, variable, zeros } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { at, describeOnBackends, expectParity, expectResumable, kernelsOfUpdate, valuesOf } from '../test/training.ts';
import type { ScalarRule } from '../test/training.ts';
import { OptimError } from './error.ts';
import { lars } from './lars.ts';
import type { Parameter } from './parameter.ts';

/** deepmind-research byol/utils/optimizers.py. */
function official(lr: number, wd: number, adapt: boolean): ScalarRule {
  let v: readonly number[] | undefined;
  return (w, g) => {
    const u = g.map((value, i) => value + wd * w[i]!);
    const [wNorm, uNorm] = [Math.hypot(...w), Math.hypot(...u)];
    const q = adapt && wNorm > 0 && uNorm > 0 ? (1e-3 * wNorm) / uNorm : 1;
    v = u.map((value, i) => 0.9 * (v?.[i] ?? 0) + q * value);
    return w.map((value, i) => value - lr * v![i]!);
  };
}

describeOnBackends('lars', (fused) => {
  it('gives the numbers of the official formula', () => {
    const w = variable(tensor2d([[0.5, -0.3], [0.2, 0.1]]));
    const p: Parameter = { name: 'w', variable: w, role: 'weight', group: 'encoder' };
    const gradients = new Map([['w', tensor2d([[0.1, 0.2], [-0.3, 0.4]])]]);
    const optimizer = lars({ learningRate: 1, weightDecay: 1e-4 });
    for (const expected of [
      [0.499885924, -0.300228003, 0.200342033, 0.099543914],
      [0.49966917, -0.300661229, 0.200991927, 0.09867731],
    ]) {
      optimizer.step([p], gradients, at(0));
      for (const [i, value] of valuesOf(p).entries()) expect(Math.abs(value / expected[i]! - 1)).toBeLessThan(1e-6);
    }
  });

  it('leaves biases and normalisation out of weight decay and of adaptation', () => {
    expectParity(lars({ learningRate: 0.5, weightDecay: 0.1 }), ({ role }) =>
      official(0.5, role === 'weight' ? 0.1 : 0, role === 'weight'));
  });

  it('takes what groups say over the exclusion, and a weight decay of 0 for no exclusion', () => {
    const optimizer = lars({
      learningRate: 0.5,
      weightDecay: 0.1,
      groups: ({ role, group }) => {
        if (role === 'bias') return { adapt: true, learningRate: 0.25 };
        if (role === 'norm') return { weightDecay: 0.3 };
        return group === 'predictor' ? { weightDecay: 0 } : {};
      },
    });
    const rules: Record<string, ScalarRule> = {
      'encoder/kernel': official(0.5, 0.1, true),
      'encoder/bias': official(0.25, 0, true),
      'encoder/gamma': official(0.5, 0.3, false),
      'predictor/kernel': official(0.5, 0, true),
    };
    expectParity(optimizer, ({ name }) => rules[name]!);
  });

  it('takes the gradient as it is where the weights are 0, and stays where both are', () => {
    const p: Parameter = { name: 'w', variable: variable(zeros([2])), role: 'weight', group: 'encoder' };
    const optimizer = lars({ learningRate: 1 });
    optimizer.step([p], new Map([['w', zeros([2])]]), at(0));
    expect(valuesOf(p)).toEqual([0, 0]);
    optimizer.step([p], new Map([['w', tensor([3, -4])]]), at(1));
    expect(valuesOf(p)).toEqual([-3, 4]);
  });

  it('resumes to the same bits and gives its memory back', () => {
    expectResumable(() => lars({ learningRate: 0.5, weightDecay: 0.01 }));
  });

  it('refuses a negative trust and a momentum of 1', () => {
    expect(() => lars({ learningRate: 1, trust: -1 })).toThrow(OptimError);
    expect(() => lars({ learningRate: 1, momentum: 1 })).toThrow(OptimError);
  });

  it('takes one kernel where it is fused, and elsewhere 17 for a weight and 4 for a bias', async () => {
    expect(await kernelsOfUpdate(lars({ learningRate: 0.1, weightDecay: 0.1 }), 'weight')).toBe(fused ? 1 : 17);
    expect(await kernelsOfUpdate(lars({ learningRate: 0.1, weightDecay: 0.1 }), 'bias')).toBe(fused ? 1 : 4);
  });
});
