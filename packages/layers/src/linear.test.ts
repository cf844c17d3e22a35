// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend } from '@tensorflow/tfjs-core';
import { input, layers, model, sequential } from '@tensorflow/tfjs-layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromModel, layerSeed, LayersError, linear } from '@selfsup/layers';
import type { LinearOptions } from '@selfsup/layers';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

function weightsOf(options: LinearOptions): number[][] {
  const x = input({ shape: [options.inputs] });
  const net = model({ inputs: x, outputs: linear(options).apply(x) as SymbolicTensor });
  const weights = net.weights.map((weight) => [...weight.read().dataSync()]);
  net.dispose();
  return weights;
}

const deviation = (list: number[]): number => Math.sqrt(list.reduce((a, b) => a + b * b, 0) / list.length);

describe('linear', () => {
  const options = { inputs: 100, units: 200, seed: 1 };

  it('starts as torch.nn.Linear does: weights and bias uniform within 1/√inputs', () => {
    const [kernel, bias] = weightsOf(options) as [number[], number[]];
    expect(kernel).toHaveLength(20_000);
    for (const list of [kernel, bias]) {
      expect(Math.max(...list.map(Math.abs))).toBeLessThanOrEqual(0.1);
      expect(Math.max(...list.map(Math.abs))).toBeGreaterThan(0.095);
      expect(Math.abs(deviation(list) / (0.1 / Math.sqrt(3)) - 1)).toBeLessThan(0.1);
    }
    expect(bias).not.toEqual(kernel.slice(0, 200));
  });

  it('starts as hk.Linear does with init lecun: a normal cut at two deviations, bias 0', () => {
    const [kernel, bias] = weightsOf({ ...options, init: 'lecun' }) as [number[], number[]];
    expect(Math.max(...kernel.map(Math.abs))).toBeLessThanOrEqual(0.2);
    // The variance of a standard normal cut at ±2 is 0.7737.
    expect(Math.abs(deviation(kernel) / (0.1 * Math.sqrt(0.7737)) - 1)).toBeLessThan(0.03);
    expect(new Set(bias)).toEqual(new Set([0]));
  });

  it('is a function of the seed, and leaves the bias out when asked', () => {
    expect(weightsOf(options)).toEqual(weightsOf(options));
    expect(weightsOf({ ...options, seed: 0 })).not.toEqual(weightsOf(options));
    expect(weightsOf({ ...options, bias: false })).toHaveLength(1);
    expect(() => linear({ ...options, units: 0 })).toThrow(LayersError);
  });
});

describe('layerSeed', () => {
  it('gives positive 31-bit integers that differ by seed and by name', () => {
    const seeds = Array.from({ length: 200 }, (_, seed) => ['conv1', 'conv2', 'layer1.0.conv1'].map((name) => layerSeed(seed, name))).flat();
    expect(new Set(seeds).size).toBe(seeds.length);
    for (const seed of seeds) expect(Number.isInteger(seed) && seed > 0 && seed < 2 ** 31).toBe(true);
  });
});

const dense = (units: number, inputShape: readonly number[]): ReturnType<typeof sequential> =>
  sequential({ layers: [layers.dense({ units, inputShape: [...inputShape], kernelInitializer: 'zeros' })] });

const message = (build: Parameters<typeof fromModel>[1], shape: number[]): string => {
  try {
    fromModel('mine', build).build(shape, 1);
  } catch (error) {
    expect(error).toBeInstanceOf(LayersError);
    return (error as LayersError).message;
  }
  throw new Error('nothing was thrown');
};

describe('fromModel', () => {
  it('makes a spec of a model of your own', () => {
    const net = fromModel('mine', (shape) => dense(3, shape)).build([8], 1);
    expect(net.outputs[0]!.shape).toEqual([null, 3]);
    net.dispose();
  });

  it('passes the seed on', () => {
    const seen: number[] = [];
    fromModel('mine', (shape, seed) => {
      seen.push(seed);
      return dense(3, shape);
    })
      .build([8], 42)
      .dispose();
    expect(seen).toEqual([42]);
  });

  it('refuses a model that does not map inputShape to [batch, dim], showing both shapes', () => {
    const other = message(() => dense(3, [8]), [16]);
    expect(other).toContain('[batch, 16]');
    expect(other).toContain('[batch, 8]');
    const unpooled = message((shape) => dense(3, shape), [4, 4, 2]);
    expect(unpooled).toContain('[batch, 4, 4, 2]');
    expect(unpooled).toContain('[batch, 4, 4, 3]');
  });
});
