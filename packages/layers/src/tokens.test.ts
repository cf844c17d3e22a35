// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { memory, profile, randomNormal, ready, setBackend, sum, tensor, tidy, variableGrads, zeros } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { input, model } from '@tensorflow/tfjs-layers';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { classToken, flattenTokens, LayersError, patchEmbedding, positionEmbedding } from '@selfsup/layers';
import type { PositionEmbeddingOptions } from '@selfsup/layers';
import { alone, modelGradientGaps, relativeGap, saveAndLoad, values } from '../test/gradient-check.ts';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const wave = (count: number, step: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(i * step + 1));
const positioned = (options: PositionEmbeddingOptions, tokens: number, grid: number[], dim: number): LayersModel =>
  alone(positionEmbedding(options), [tokens, dim], [...grid, dim]);

describe('patchEmbedding', () => {
  it('maps each patch linearly, and flattenTokens lists them row by row', () => {
    const image = input({ shape: [4, 6, 2] });
    const patches = patchEmbedding({ patch: 2, dim: 3, seed: 1 }).apply(image) as SymbolicTensor;
    expect(patches.shape).toEqual([null, 2, 3, 3]);
    const net = model({ inputs: image, outputs: flattenTokens().apply(patches) as SymbolicTensor });
    expect(net.outputs[0]!.shape).toEqual([null, 6, 3]);
    const x = randomNormal([2, 4, 6, 2], 0, 1, 'float32', 1);
    const [kernel, bias] = net.weights.map((weight) => values(weight.read())) as [number[], number[]];
    const pixels = values(x);
    const expected = Array.from({ length: 2 * 6 * 3 }, (_, place) => {
      const [feature, token, sample] = [place % 3, Math.floor(place / 3) % 6, Math.floor(place / 18)];
      let total = bias[feature]!;
      for (let i = 0; i < 2; i++)
        for (let j = 0; j < 2; j++)
          for (let c = 0; c < 2; c++) {
            const pixel = ((sample * 4 + Math.floor(token / 3) * 2 + i) * 6 + (token % 3) * 2 + j) * 2 + c;
            total += pixels[pixel]! * kernel[((i * 2 + j) * 2 + c) * 3 + feature]!;
          }
      return total;
    });
    expect(relativeGap(values(net.apply(x) as Tensor), expected)).toBeLessThan(1e-5);
    for (const gap of modelGradientGaps(net, [x])) expect(gap).toBeLessThan(1e-3);
    net.dispose();
  });
});

describe('classToken', () => {
  it('stands before the others in every sample, and gets the gradient of all', () => {
    const net = alone(classToken({ seed: 1 }), [2, 3]);
    const x = randomNormal([4, 2, 3], 0, 1, 'float32', 1);
    const y = net.apply(x) as Tensor;
    expect(y.shape).toEqual([4, 3, 3]);
    expect(net.outputs[0]!.shape).toEqual([null, 3, 3]);
    const token = values(net.weights[0]!.read());
    const [first] = (y.arraySync() as number[][][]).map(([head]) => head);
    expect(first).toEqual(token);
    expect(values(y).filter((_, i) => i % 9 >= 3)).toEqual(values(x));
    for (const gap of modelGradientGaps(net, [x])) expect(gap).toBeLessThan(1e-3);
    net.dispose();
  });

  it('takes as many kernels for a large batch as for a small one', async () => {
    const net = alone(classToken({ seed: 1 }), [2, 3]);
    const kernels = async (batch: number): Promise<number> => {
      const { kernels: ran } = await profile(() => tidy(() => void variableGrads(() => sum(net.apply(zeros([batch, 2, 3])) as Tensor) as Scalar)));
      return ran.length;
    };
    expect(await kernels(64)).toBe(await kernels(2));
    net.dispose();
  });
});

describe('positionEmbedding', () => {
  it('adds a table to the tokens, with a row of its own for what stands before the patches', () => {
    const net = positioned({ seed: 1 }, 1 + 6, [2, 3], 4);
    const x = randomNormal([2, 7, 4], 0, 1, 'float32', 1);
    const table = values(net.weights[0]!.read());
    expect(table).toHaveLength(28);
    const y = net.apply([x, zeros([2, 2, 3, 4])]) as Tensor;
    expect(values(y)).toEqual(values(x).map((value, i) => Math.fround(value + table[i % 28]!)));
    const gaps = modelGradientGaps(net, [x, zeros([2, 2, 3, 4])]);
    expect(gaps[0]).toBeLessThan(1e-3);
    expect(gaps.at(-1)).toBeLessThan(1e-3);
    net.dispose();
  });

  it.each([
    [2, 6, [0.5024478, 0.578262, 0.5515867, 0.5502508, 0.534632, 0.4208392, 0.3965228, 0.2172239, 0.1070565, -0.0999244, -0.1192799, -0.3175401, 0.0344488, 0.1152318, 0.1090719, 0.1715621, 0.20051, 0.2262338, 0.2286771, 0.2183607, 0.195353, 0.143451, 0.1437106, 0.0686979]],
    [5, 3, [1.0230672, 1.1584117, 1.0795824, 0.8004643, 0.1135185, -0.3121629, 0.1677714, 0.1475102, 0.0744927, 0.0113644, -0.0884901, -0.1343423, -0.7590107, -0.9295376, -0.9702919, -0.7918781, -0.2611013, 0.094271, -0.1012142, -0.0705308, -0.0003527, 0.0452783, 0.099955, 0.1172014, 0.7571492, 1.0120283, 1.1726625, 1.0293405, 0.4743147, 0.0719845]],
  ] as const)('is resized to %ix%i patches as by DINO', (rows, columns, expected) => {
    const net = positioned({ seed: 1 }, 12, [3, 4], 2);
    net.setWeights([tensor(wave(24, 0.37), [1, 12, 2])]);
    const call = (): Tensor => net.apply([zeros([1, rows * columns, 2]), zeros([1, rows, columns, 2])]) as Tensor;
    // F.interpolate(scale_factor=((rows + 0.1)/3, (columns + 0.1)/4), mode='bicubic') of torch 1.13 in double precision
    expect(relativeGap(values(call()), expected)).toBeLessThan(1e-5);
    const before = memory().numTensors;
    tidy(() => void call());
    expect(memory().numTensors).toBe(before);
    for (const gap of modelGradientGaps(net, [zeros([1, rows * columns, 2]), zeros([1, rows, columns, 2])]).slice(2)) expect(gap).toBeLessThan(1e-3);
    net.dispose();
  });

  it('keeps the position of the class token when the patches are resized', () => {
    const net = positioned({ seed: 1 }, 1 + 4, [2, 2], 4);
    const y = net.apply([zeros([1, 10, 4]), zeros([1, 3, 3, 4])]) as Tensor;
    expect(values(y).slice(0, 4)).toEqual(values(net.weights[0]!.read()).slice(0, 4));
    net.dispose();
  });

  it("is MAE's table of sines and cosines when asked, which does not learn", async () => {
    const net = positioned({ kind: 'sin-cos', seed: 1 }, 1 + 6, [2, 3], 8);
    expect(net.trainableWeights).toHaveLength(0);
    const table = (net.weights[0]!.read().arraySync() as number[][][])[0]!;
    expect(table[0]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    const [row, column] = [1, 2];
    const expected = [column, column / 100].map(Math.sin).concat([column, column / 100].map(Math.cos), [row, row / 100].map(Math.sin), [row, row / 100].map(Math.cos));
    expect(relativeGap(table[1 + 3 * row + column]!, expected)).toBeLessThan(1e-6);
    const back = await saveAndLoad(net);
    const given = [randomNormal([1, 7, 8], 0, 1, 'float32', 1), zeros([1, 2, 3, 8])];
    expect(values(back.apply(given) as Tensor)).toEqual(values(net.apply(given) as Tensor));
    net.dispose();
    back.dispose();
  });

  it('holds the table of another grid when asked, also after it comes back from disk', async () => {
    const net = positioned({ grid: [4, 4], seed: 1 }, 1 + 6, [2, 3], 4);
    expect(net.weights[0]!.shape).toEqual([1, 17, 4]);
    const given = [randomNormal([1, 7, 4], 0, 1, 'float32', 1), zeros([1, 2, 3, 4])];
    const back = await saveAndLoad(net);
    expect(values(back.apply(given) as Tensor)).toEqual(values(net.apply(given) as Tensor));
    net.dispose();
    back.dispose();
  });

  it('refuses tokens that are not those of the patches', () => {
    expect(() => positioned({ seed: 1 }, 5, [2, 3], 4)).toThrow(LayersError);
    expect(() => positioned({ kind: 'sin-cos', seed: 1 }, 6, [2, 3], 6)).toThrow('that 4 divides');
    expect(() => alone(positionEmbedding({ seed: 1 }), [6, 4])).toThrow('[tokens, patches]');
    expect(() => positionEmbedding({ kind: 'sincos' as 'sin-cos', seed: 1 })).toThrow('sincos');
  });
});
