import { memory, mul, sum, tidy, variableGrads } from '@tensorflow/tfjs-core';
import type { Scalar } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { network, valuesOf, valuesOfOne, view } from '../test/network.ts';
import { fixedRandom, noStopGradient, stopGradient } from './index.ts';
import type { Network, TargetStrategy } from './index.ts';

/** d/dθ of sum(z · target(z)) for the online offset: z alone when stopped, twice that when not. */
function offsetGradient(strategy: TargetStrategy, online: Network): readonly number[] {
  const target = strategy.init(online, 5);
  const { grads } = variableGrads(() => {
    const z = online.project(view(0), 1);
    return sum<Scalar>(mul(z, target.project(view(0), 1, z)));
  });
  expect(Object.keys(grads)).toHaveLength(2);
  return valuesOfOne(grads[online.parameters[1]!.name]!);
}

describe('stopGradient and noStopGradient', () => {
  it('pass the online projection on, one as a constant and the other with its gradient', () => {
    const online = network(1);
    const stopped = offsetGradient(stopGradient(), online);
    const flowing = offsetGradient(noStopGradient(), online);
    expect(stopped.some((value) => Math.abs(value) > 0.1)).toBe(true);
    expect(flowing).toEqual(stopped.map((value) => expect.closeTo(2 * value, 4)));
    const z = online.project(view(0), 1);
    for (const strategy of [stopGradient(), noStopGradient()]) {
      const target = strategy.init(online, 5);
      expect(valuesOfOne(target.project(view(1), 1, z))).toEqual(valuesOfOne(z));
      expect(target.update({ step: 0, totalSteps: 1 })).toEqual({});
      expect(target.variables).toEqual([]);
      target.dispose();
    }
    expect(valuesOfOne(z)).toHaveLength(20);
  });
});

describe('fixedRandom', () => {
  it('predicts a network drawn from the seed, which never learns', () => {
    const online = network(1);
    const target = fixedRandom().init(online, 7);
    const drawn = valuesOf(network(7).parameters);
    expect(valuesOf(target.variables.slice(0, 2))).toEqual(drawn);
    expect(drawn).not.toEqual(valuesOf(online.parameters));
    for (let step = 0; step < 3; step++) {
      target.project(view(step), 1, online.project(view(0), 1));
      target.update({ step, totalSteps: 3 });
    }
    expect(valuesOf(target.variables.slice(0, 2))).toEqual(drawn);
    expect(target.variables).toHaveLength(3);
  });

  it('lets no gradient reach the target', () => {
    const online = network(1);
    const target = fixedRandom().init(online, 7);
    const { grads } = variableGrads(() => {
      const z = online.project(view(0), 1);
      return sum<Scalar>(mul(z, target.project(view(1), 1, z)));
    });
    const reached = Object.keys(grads);
    expect(reached.toSorted()).toEqual(online.parameters.map(({ name }) => name).toSorted());
  });

  it('gives its memory back', () => {
    const online = network(1);
    const before = memory().numTensors;
    const target = fixedRandom().init(online, 7);
    tidy(() => void target.project(view(0), 1, online.project(view(0), 1)));
    target.dispose();
    expect(memory().numTensors).toBe(before);
  });
});
