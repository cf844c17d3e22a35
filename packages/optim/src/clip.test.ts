import { memory, tensor } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { at, describeOnBackends, parameter, valuesOf } from '../test/training.ts';
import { clipByGlobalNorm, withClipping } from './clip.ts';
import { OptimError } from './error.ts';
import { sgd } from './sgd.ts';

const gradients = () => new Map([['a', tensor([3, 0])], ['b', tensor([[0, 4]])]]);

describeOnBackends('clipByGlobalNorm', () => {
  it('scales all gradients by one factor to the norm', () => {
    const clipped = clipByGlobalNorm(gradients(), 1);
    expect([...clipped.get('a')!.dataSync()]).toEqual([expect.closeTo(0.6, 6), 0]);
    expect([...clipped.get('b')!.dataSync()]).toEqual([0, expect.closeTo(0.8, 6)]);
  });

  it('leaves smaller gradients exactly as they are, zeros and no gradients too', () => {
    expect([...clipByGlobalNorm(gradients(), 5.1).get('a')!.dataSync()]).toEqual([3, 0]);
    expect([...clipByGlobalNorm(new Map([['a', tensor([0, 0])]]), 1).get('a')!.dataSync()]).toEqual([0, 0]);
    expect(clipByGlobalNorm(new Map(), 1).size).toBe(0);
  });

  it('makes nothing but its answer', () => {
    const given = gradients();
    const before = memory().numTensors;
    const clipped = clipByGlobalNorm(given, 1);
    expect(memory().numTensors).toBe(before + 2);
    for (const gradient of clipped.values()) gradient.dispose();
    expect([...given.get('a')!.dataSync()]).toEqual([3, 0]);
  });

  it('refuses a norm that is not above 0', () => {
    for (const maxNorm of [0, -1, Number.NaN]) expect(() => clipByGlobalNorm(gradients(), maxNorm)).toThrow(OptimError);
  });
});

describeOnBackends('withClipping', () => {
  it('clips before the update, keeps the rest of the optimizer and leaves no tensor behind', () => {
    const optimizer = withClipping(sgd({ learningRate: 1 }), 1);
    const [a, b] = [parameter('a', [2], 'weight'), parameter('b', [1, 2], 'weight')];
    const [start] = valuesOf(a);
    const given = gradients();
    optimizer.step([a, b], given, at(0));
    expect(valuesOf(a)[0]).toBeCloseTo(start! - 0.6, 6);
    expect([...optimizer.state().keys()]).toEqual(['a', 'b']);
    const before = memory().numTensors;
    expect(optimizer.step([a, b], given, at(1))).toEqual({ learningRate: 1 });
    expect(memory().numTensors).toBe(before);
    optimizer.dispose();
    expect(memory().numTensors).toBe(before - 2);
  });
});
