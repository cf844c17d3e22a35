import { memory, tensor, zeros } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { at, describeOnBackends, expectParity, expectResumable, gradientsAt, kernelsOfUpdate, parameter, parameters, valuesOf } from '../test/training.ts';
import type { ScalarRule } from '../test/training.ts';
import { OptimError } from './error.ts';
import { excludeBiasAndNorm } from './group.ts';
import type { Parameter } from './parameter.ts';
import { sgd } from './sgd.ts';

interface Rule {
  readonly lr: (step: number) => number;
  readonly wd?: number;
  readonly m?: number;
  readonly nesterov?: boolean;
  readonly from?: number;
}

/** torch.optim.SGD, dampening 0. */
function torch({ lr, wd = 0, m = 0.9, nesterov = false, from = 0 }: Rule): ScalarRule {
  let v: number[] | undefined;
  return (w, gradient, step) => {
    if (step < from) return w;
    const g = gradient.map((value, i) => value + wd * w[i]!);
    v = v ? v.map((value, i) => m * value + g[i]!) : g;
    const direction = nesterov ? g.map((value, i) => value + m * v![i]!) : v;
    return w.map((value, i) => value - lr(step) * direction[i]!);
  };
}

const halving = (step: number): number => 0.1 * 0.5 ** step;

describeOnBackends('sgd', (fused) => {
  it('has the arithmetic of torch over five steps', () => {
    expectParity(sgd({ learningRate: 0.1 }), () => torch({ lr: () => 0.1 }));
    expectParity(sgd({ learningRate: 0.1, weightDecay: 0.05, nesterov: true }), () =>
      torch({ lr: () => 0.1, wd: 0.05, nesterov: true }));
    expectParity(sgd({ learningRate: 0.1, momentum: 0, weightDecay: 0.05 }), () => torch({ lr: () => 0.1, wd: 0.05, m: 0 }));
  });

  it('follows the settings of groups: a fixed rate for the predictor, a frozen start, a weight decay of its own', () => {
    const optimizer = sgd({
      learningRate: ({ step }) => halving(step),
      weightDecay: 0.05,
      exclude: excludeBiasAndNorm,
      groups: (p) => {
        if (p.group === 'predictor') return { learningRate: 0.1 };
        if (p.role === 'norm') return { weightDecay: 0.2 };
        return p.role === 'bias' ? { frozen: ({ step }) => step < 2 } : {};
      },
    });
    const rules: Record<string, Rule> = {
      'encoder/kernel': { lr: halving, wd: 0.05 },
      'encoder/bias': { lr: halving, from: 2 },
      'encoder/gamma': { lr: halving, wd: 0.2 },
      'predictor/kernel': { lr: () => 0.1, wd: 0.05 },
    };
    expectParity(optimizer, (p: Parameter) => torch(rules[p.name]!));
  });

  it('takes a schedule of weight decay, and answers the learning rate of all', () => {
    const p = parameter('w', [2], 'weight');
    const [before] = valuesOf(p);
    const optimizer = sgd({ learningRate: 0.5, momentum: 0, weightDecay: ({ step }) => 0.1 * step, groups: () => ({ learningRate: 1 }) });
    expect(optimizer.step([p], new Map([['w', zeros([2])]]), at(1))).toEqual({ learningRate: 0.5 });
    expect(valuesOf(p)[0]).toBeCloseTo(0.9 * before!, 6);
  });

  it('leaves alone what is frozen or has no gradient, and its state', () => {
    const all = parameters();
    const [kernel, ...others] = all;
    const initial = others.map(valuesOf);
    const optimizer = sgd({ learningRate: 0.1, weightDecay: 0.1, groups: (p) => ({ frozen: p.role === 'norm' }) });
    const gradients = gradientsAt(0, all);
    gradients.delete('encoder/bias');
    gradients.delete('predictor/kernel');
    optimizer.step(all, gradients, at(0));
    expect(others.map(valuesOf)).toEqual(initial);
    expect([...optimizer.state().keys()]).toEqual([kernel!.name]);
  });

  it('leaves the gradients usable', () => {
    const p = parameter('w', [2], 'weight');
    const gradient = tensor([1, 2]);
    const optimizer = sgd({ learningRate: 0.1 });
    for (const step of [0, 1]) optimizer.step([p], new Map([['w', gradient]]), at(step));
    expect([...gradient.dataSync()]).toEqual([1, 2]);
  });

  it('resumes to the same bits and gives its memory back', () => {
    expectResumable(() => sgd({ learningRate: 0.1, weightDecay: 0.01 }));
  });

  it('refuses gradients and states of another shape, naming the parameter', () => {
    const p = parameter('w', [2, 2], 'weight');
    const optimizer = sgd({ learningRate: 0.1 });
    const wrongGradient = (): unknown => optimizer.step([p], new Map([['w', tensor([1, 2])]]), at(0));
    expect(wrongGradient).toThrow(OptimError);
    expect(wrongGradient).toThrow(/"w".*\[2\].*\[2, 2\]/);
    optimizer.restore(new Map([['w', tensor([1, 2])]]));
    const before = memory().numTensors;
    const gradient = tensor([[1, 2], [3, 4]]);
    expect(() => optimizer.step([p], new Map([['w', gradient]]), at(0))).toThrow(expect.objectContaining({ code: 'shape-mismatch' }));
    gradient.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('refuses a momentum outside of [0, 1)', () => {
    for (const momentum of [-0.1, 1, Number.NaN]) expect(() => sgd({ learningRate: 0.1, momentum })).toThrow(OptimError);
  });

  it('takes one kernel where it is fused, and elsewhere six per parameter with weight decay, four without', async () => {
    expect(await kernelsOfUpdate(sgd({ learningRate: 0.1, weightDecay: 0.1 }), 'weight')).toBe(fused ? 1 : 6);
    expect(await kernelsOfUpdate(sgd({ learningRate: 0.1 }), 'weight')).toBe(fused ? 1 : 4);
  });
});
