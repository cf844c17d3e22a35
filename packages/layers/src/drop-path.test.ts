// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { memory, ones, randomNormal, ready, scalar, setBackend, variable } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { dropPath, layerScale, LayersError } from '@selfsup/layers';
import { alone, gradientGaps, modelGradientGaps, saveAndLoad, values } from '../test/gradient-check.ts';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const make = (rate: number, seed = 1): LayersModel => alone(dropPath({ rate, seed }), [2, 3]);
/** Which factor each sample of a batch of ones gets in a training call. */
const factors = (net: LayersModel, batch = 64): number[] =>
  values(net.apply(ones([batch, 2, 3]), { training: true }) as Tensor).filter((_, i) => i % 6 === 0);

describe('dropPath', () => {
  it('drops whole samples at the rate and divides the rest by 1 − rate, in training alone', () => {
    const net = make(0.25);
    const y = values(net.apply(ones([2000, 2, 3]), { training: true }) as Tensor);
    for (let i = 0; i < y.length; i += 6) expect(new Set(y.slice(i, i + 6)).size).toBe(1);
    expect([...new Set(y)].toSorted()).toEqual([0, Math.fround(1 / 0.75)]);
    const dropped = y.filter((value) => value === 0).length / y.length;
    expect(Math.abs(dropped - 0.25)).toBeLessThan(0.03);
    expect(new Set(values(net.apply(ones([50, 2, 3])) as Tensor))).toEqual(new Set([1]));
    expect(new Set(factors(make(0)))).toEqual(new Set([1]));
    net.dispose();
  });

  it('draws anew at each training call, by the seed alone', () => {
    const [net, again, other] = [make(0.5), make(0.5), make(0.5, 2)];
    const calls = [factors(net), factors(net), factors(net)];
    expect(new Set(calls.map(String)).size).toBe(3);
    again.apply(ones([4, 2, 3])); // a call that is no training counts for nothing
    expect([factors(again), factors(again), factors(again)]).toEqual(calls);
    expect(factors(other)).not.toEqual(calls[0]);
    for (const each of [net, again, other]) each.dispose();
  });

  it('goes on where it stopped, from disk or from a state that is written into it', async () => {
    const net = make(0.5);
    factors(net);
    const back = await saveAndLoad(net);
    const next = factors(net);
    expect(factors(back)).toEqual(next);
    factors(net);
    net.setWeights([scalar(1)]);
    expect(factors(net)).toEqual(next);
    net.dispose();
    back.dispose();
  });

  it('has the gradient of what it did, and leaves no tensor behind', () => {
    const net = make(0.5);
    const x = variable(randomNormal([6, 2, 3], 0, 1, 'float32', 1));
    const once = (): Tensor => {
      net.weights[0]!.write(scalar(0));
      return net.apply(x, { training: true }) as Tensor;
    };
    for (const gap of gradientGaps(once, [x])) expect(gap).toBeLessThan(1e-3);
    const before = memory().numTensors;
    (net.apply(x, { training: true }) as Tensor).dispose();
    expect(memory().numTensors).toBe(before);
    net.dispose();
    expect(() => dropPath({ rate: 1, seed: 1 })).toThrow(LayersError);
  });
});

describe('layerScale', () => {
  it('multiplies each channel by its factor, differentiably, and comes back from disk', async () => {
    const net = alone(layerScale({ initial: 0.5 }), [2, 3]);
    const x = randomNormal([2, 2, 3], 0, 1, 'float32', 1);
    expect(values(net.apply(x) as Tensor)).toEqual(values(x).map((value) => value / 2));
    for (const gap of modelGradientGaps(net, [x])) expect(gap).toBeLessThan(1e-3);
    const back = await saveAndLoad(net);
    expect(values(back.apply(x) as Tensor)).toEqual(values(net.apply(x) as Tensor));
    const own = values(alone(layerScale(), [3]).weights[0]!.read());
    expect(own).toEqual([1e-6, 1e-6, 1e-6].map(Math.fround));
    net.dispose();
    back.dispose();
  });
});
