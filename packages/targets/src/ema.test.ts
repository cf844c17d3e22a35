import { add, clone, memory, mul, profile, sum, variableGrads, zerosLike } from '@tensorflow/tfjs-core';
import type { Scalar } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { describeOnBackends, network, valuesOf, valuesOfOne, view } from '../test/network.ts';
import { ema } from './ema.ts';
import { TargetError } from './error.ts';
import { cosineMomentum } from './momentum.ts';

describeOnBackends('ema', (fused) => {
  it('starts as an independent copy of the online network, whatever the seed', () => {
    const online = network(1);
    online.project(view(0), 1).dispose();
    const target = ema({ momentum: 0.9 }).init(online, 99);
    const start = valuesOf([...online.parameters, ...online.statistics]);
    expect(valuesOf(target.variables)).toEqual(start);
    online.weight.assign(zerosLike(online.weight));
    expect(valuesOf(target.variables)).toEqual(start);
  });

  it('averages the parameters by the momentum of each step, and leaves the statistics alone', () => {
    const online = network(1);
    const target = ema({ momentum: cosineMomentum(0.5) }).init(online, 2);
    const expected = valuesOf(online.parameters).map((values) => [...values]);
    target.project(view(1), 1, online.project(view(1), 1));
    const statistics = valuesOf(target.variables.slice(2));
    for (let step = 0; step < 4; step++) {
      for (const parameter of online.parameters) parameter.assign(add(mul(parameter, 0.8), 0.1 * step));
      const { momentum } = target.update({ step, totalSteps: 4 });
      const tau = 1 - 0.5 * 0.5 * (1 + Math.cos((Math.PI * step) / 4));
      expect(momentum).toBeCloseTo(tau, 12);
      for (const [i, values] of valuesOf(online.parameters).entries()) {
        expected[i] = expected[i]!.map((old, j) => tau * old + (1 - tau) * values[j]!);
      }
      for (const [i, values] of valuesOf(target.variables.slice(0, 2)).entries()) {
        for (const [j, value] of values.entries()) expect(Math.abs(value - expected[i]![j]!)).toBeLessThan(1e-6);
      }
    }
    expect(valuesOf(target.variables.slice(2))).toEqual(statistics);
  });

  it('keeps running statistics of the batches that it sees itself', () => {
    const online = network(1);
    const target = ema({ momentum: 0.9 }).init(online, 2);
    target.project(view(1), 1, online.project(view(2), 1));
    const [, , running] = target.variables;
    expect(valuesOfOne(running!).some((value) => value !== 0)).toBe(true);
    expect(valuesOfOne(running!)).not.toEqual(valuesOfOne(online.running));
  });

  it('lets no gradient reach the target, and computes the same projection inside and outside of a gradient', () => {
    const online = network(1);
    const target = ema({ momentum: 0.9 }).init(online, 2);
    let inside: readonly number[] = [];
    const { grads, value } = variableGrads(() => {
      const z = online.project(view(0), 1);
      const projection = target.project(view(1), 1, z);
      inside = valuesOfOne(projection);
      return sum<Scalar>(mul(z, projection));
    });
    expect(Object.keys(grads).toSorted()).toEqual(online.parameters.map(({ name }) => name).toSorted());
    expect(valuesOfOne(target.project(view(1), 1, online.project(view(1), 1)))).toEqual(inside);
    value.dispose();
  });

  it('leaves memory flat over 100 steps, and gives all of it back', () => {
    const inputs = [view(0), view(1)] as const;
    const empty = memory().numTensors;
    const online = network(1);
    const target = ema({ momentum: 0.99 }).init(online, 2);
    const before = memory().numTensors;
    for (let step = 0; step < 100; step++) {
      const { value, grads } = variableGrads(() => {
        const z = online.project(inputs[0], 1);
        return sum<Scalar>(mul(z, target.project(inputs[1], 1, z)));
      }, [...online.parameters] as Parameters<typeof variableGrads>[1]);
      target.update({ step, totalSteps: 100 });
      for (const tensor of [value, ...Object.values(grads)]) tensor.dispose();
      expect(memory().numTensors).toBe(before);
    }
    target.dispose();
    online.dispose();
    expect(memory().numTensors).toBe(empty);
  });

  it('updates all parameters by one kernel where it is fused, and clones that others keep do not move', async () => {
    const online = network(1);
    const target = ema({ momentum: 0.5 }).init(online, 2);
    online.weight.assign(zerosLike(online.weight));
    const copies = target.variables.map((variable) => clone(variable));
    const before = valuesOf(copies);
    for (const step of [0, 1]) {
      const { kernels } = await profile(() => void target.update({ step, totalSteps: 4 }));
      expect(kernels.filter(({ name }) => name !== 'Identity')).toHaveLength(fused ? 1 : 6);
    }
    expect(valuesOf(copies)).toEqual(before);
    expect(valuesOf(target.variables)).not.toEqual(before);
  });

  it('refuses a momentum outside of [0, 1], from a schedule too', () => {
    expect(() => ema({ momentum: 1.5 })).toThrow(TargetError);
    const target = ema({ momentum: () => Number.NaN }).init(network(1), 2);
    expect(() => target.update({ step: 0, totalSteps: 1 })).toThrow(expect.objectContaining({ code: 'invalid-momentum' }));
  });

  it('refuses a twin of another architecture', () => {
    const online = { ...network(1), twin: () => ({ ...network(2), parameters: [] }) };
    expect(() => ema({ momentum: 0.9 }).init(online, 2)).toThrow(expect.objectContaining({ code: 'twin-mismatch' }));
  });
});
