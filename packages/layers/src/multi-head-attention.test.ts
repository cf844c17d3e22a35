// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { memory, randomNormal, ready, setBackend, tensor, transpose } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { LayersError, multiHeadAttention } from '@selfsup/layers';
import { alone, modelGradientGaps, relativeGap, saveAndLoad, values } from '../test/gradient-check.ts';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const wave = (count: number, step: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(i * step + 1));

describe('multiHeadAttention', () => {
  it('agrees with torch.nn.MultiheadAttention of the same weights', () => {
    const net = alone(multiHeadAttention({ heads: 2, seed: 1 }), [3, 4]);
    net.setWeights([
      transpose(tensor(wave(48, 0.7), [12, 4])),
      tensor(wave(12, 0.3)),
      transpose(tensor(wave(16, 0.9), [4, 4])),
      tensor(wave(4, 0.2)),
    ]);
    const y = net.apply(tensor(wave(24, 1.1), [2, 3, 4])) as Tensor;
    // MultiheadAttention(4, 2, batch_first=True) with these weights, in double precision
    const expected = [
      0.48823402, 0.48788737, 2.13528028, -0.61851512, 0.40607292, 0.71081739, 1.81761264, -0.27170288, -0.32669243, 1.6890036, 0.79598454,
      0.5824181, 0.63855988, 0.24814596, 2.41493465, -0.88033855, 1.19177356, 0.06369433, 2.19253809, -0.29701494, -0.29711496, 1.77460963,
      0.61287121, 0.8252289,
    ];
    expect(relativeGap(values(y), expected)).toBeLessThan(1e-6);
    net.dispose();
  });

  it.each([1, 2, 4])('%i heads: gradients in tokens, kernels and biases are those of central differences', (heads) => {
    const net = alone(multiHeadAttention({ heads, seed: 3 }), [3, 4]);
    const gaps = modelGradientGaps(net, [randomNormal([2, 3, 4], 0, 1, 'float32', 5)]);
    expect(gaps).toHaveLength(5);
    for (const gap of gaps) expect(gap).toBeLessThan(1e-3);
    net.dispose();
  });

  it('draws its weights from the seed, leaves no tensor behind, and comes back from disk', async () => {
    const make = (seed: number) => alone(multiHeadAttention({ heads: 2, qkvBias: false, init: { stddev: 0.02 }, seed }), [3, 4]);
    const [net, again, other] = [make(7), make(7), make(8)];
    const [kernel, same, different] = [net, again, other].map((each) => values(each.weights[0]!.read()));
    expect(same).toEqual(kernel);
    expect(different).not.toEqual(kernel);
    expect(net.weights.map(({ originalName }) => originalName.split('/')[1])).toEqual(['qkv_kernel', 'out_kernel', 'out_bias']);
    const x = randomNormal([2, 3, 4], 0, 1, 'float32', 5);
    const before = memory().numTensors;
    const y = net.apply(x) as Tensor;
    expect(memory().numTensors).toBe(before + 1);
    const back = await saveAndLoad(net);
    expect(values(back.apply(x) as Tensor)).toEqual(values(y));
    for (const each of [net, again, other, back]) each.dispose();
  });

  it('refuses heads that do not divide dim, and what is no sequence', () => {
    expect(() => alone(multiHeadAttention({ heads: 3, seed: 1 }), [3, 4])).toThrow('3 heads do not divide a dim of 4');
    expect(() => alone(multiHeadAttention({ heads: 2, seed: 1 }), [4])).toThrow(LayersError);
    expect(() => multiHeadAttention({ heads: 0, seed: 1 })).toThrow(LayersError);
  });
});
