// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { concat, grad, mean, mul, randomNormal, ready, setBackend, sub, sum, tensor } from '@tensorflow/tfjs-core';
import type { Rank, Tensor } from '@tensorflow/tfjs-core';
import { input, model } from '@tensorflow/tfjs-layers';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { adaptiveAveragePool, conv2d, LayersError, maxPool2d } from '@selfsup/layers';
import type { Conv2dOptions } from '@selfsup/layers';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const values = (t: Tensor): number[] => [...t.dataSync()];
const alone = (layer: ReturnType<typeof conv2d>, shape: number[]): LayersModel => {
  const x = input({ shape });
  return model({ inputs: x, outputs: layer.apply(x) as SymbolicTensor });
};
const net = (options: Conv2dOptions, shape: number[]): LayersModel => alone(conv2d(options), shape);

describe('conv2d', () => {
  it.each([
    [{ kernelSize: 3, strides: 2, padding: 'same' }, [5, 6], [3, 3]],
    [{ kernelSize: 3, strides: 1, padding: 0 }, [5, 6], [3, 4]],
    [{ kernelSize: 1, strides: 2, padding: 'same' }, [6, 5], [3, 3]],
    [{ kernelSize: 4, strides: 3, padding: 2 }, [5, 6], [2, 3]],
  ] as const)('%o slides over zeros on all four sides', ({ kernelSize, strides, padding }, [height, width], out) => {
    const layer = net({ filters: 2, kernelSize, strides, padding, bias: true, seed: 3 }, [height, width, 3]);
    const bias = randomNormal([2], 0, 1, 'float32', 9);
    const [kernelVariable, biasVariable] = layer.weights;
    biasVariable!.write(bias);
    const image = randomNormal([1, height, width, 3], 0, 1, 'float32', 4);
    const y = layer.apply(image) as Tensor;
    expect(y.shape).toEqual([1, ...out, 2]);
    expect(layer.outputs[0]!.shape).toEqual([null, ...out, 2]);

    const [x, kernel, b] = [values(image), values(kernelVariable!.read()), values(bias)] as [number[], number[], number[]];
    const pad = padding === 'same' ? (kernelSize - 1) / 2 : padding;
    const expected: number[] = [];
    for (let row = 0; row < out[0]; row++)
      for (let column = 0; column < out[1]; column++)
        for (let filter = 0; filter < 2; filter++) {
          let total = b[filter]!;
          for (let i = 0; i < kernelSize; i++)
            for (let j = 0; j < kernelSize; j++)
              for (let c = 0; c < 3; c++) {
                const [top, left] = [row * strides + i - pad, column * strides + j - pad];
                if (top < 0 || left < 0 || top >= height || left >= width) continue;
                total += x[(top * width + left) * 3 + c]! * kernel[((i * kernelSize + j) * 3 + c) * 2 + filter]!;
              }
          expected.push(total);
        }
    for (const [i, value] of values(y).entries()) expect(value).toBeCloseTo(expected[i]!, 4);
    layer.dispose();
  });

  it('starts from N(0, 2/(k²·filters)), a function of the seed alone', () => {
    const [first, again, other, zero] = [5, 5, 6, 0].map((seed) => {
      const layer = net({ filters: 64, kernelSize: 3, seed }, [8, 8, 32]);
      const kernel = values(layer.weights[0]!.read());
      layer.dispose();
      return kernel;
    }) as [number[], number[], number[], number[]];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(zero).not.toEqual(first);
    const average = first.reduce((a, b) => a + b) / first.length;
    const deviation = Math.sqrt(first.reduce((a, b) => a + (b - average) ** 2, 0) / first.length);
    const expected = Math.sqrt(2 / (9 * 64));
    expect(Math.abs(average)).toBeLessThan(expected * 0.03);
    expect(Math.abs(deviation / expected - 1)).toBeLessThan(0.02);
    // A normal that is cut at two deviations, as Keras's He initialiser has it, would have none of these.
    expect(first.filter((value) => Math.abs(value) > 2.2 * expected).length).toBeGreaterThan(100);
  });

  it('refuses what it cannot slide', () => {
    const options = { filters: 2, kernelSize: 3, seed: 1 };
    expect(() => net({ ...options, kernelSize: 2, padding: 'same' }, [4, 4, 1])).toThrow(LayersError);
    expect(() => net({ ...options, filters: 0 }, [4, 4, 1])).toThrow('filters is 0');
    expect(() => net({ ...options, padding: -1 }, [4, 4, 1])).toThrow('padding is -1');
    expect(() => net(options, [2, 2, 1])).toThrow('does not fit into 2 pixels');
    expect(() => net(options, [16])).toThrow('[batch, 16]');
  });
});

describe('maxPool2d', () => {
  it('takes the largest of each window, where padding never wins', () => {
    const layer = alone(maxPool2d({ size: 3, strides: 2, padding: 1 }), [5, 4, 2]);
    const image = randomNormal([2, 5, 4, 2], -9, 1, 'float32', 1);
    const y = layer.apply(image) as Tensor;
    expect(y.shape).toEqual([2, 3, 2, 2]);
    expect(layer.outputs[0]!.shape).toEqual([null, 3, 2, 2]);
    const x = values(image);
    const expected: number[] = [];
    for (let n = 0; n < 2; n++)
      for (let row = 0; row < 3; row++)
        for (let column = 0; column < 2; column++)
          for (let c = 0; c < 2; c++) {
            let best = -Infinity;
            for (let i = Math.max(0, 2 * row - 1); i < Math.min(5, 2 * row + 2); i++)
              for (let j = Math.max(0, 2 * column - 1); j < Math.min(4, 2 * column + 2); j++)
                best = Math.max(best, x[((n * 5 + i) * 4 + j) * 2 + c]!);
            expected.push(best);
          }
    expect(values(y)).toEqual(expected);
    layer.dispose();
  });

  it('refuses windows that are mostly padding', () => {
    expect(() => maxPool2d({ size: 2, padding: 2 })).toThrow(LayersError);
    expect(() => alone(maxPool2d({ size: 3 }), [2, 2, 1])).toThrow('does not fit');
  });
});

describe('adaptiveAveragePool', () => {
  it.each([
    [2, [82.517, 88.3, 107.074, 113.738, 329.243, 339.506, 370.953, 381.651]],
    [3, [44.775, 49.348, 59.646, 65.062, 76.405, 82.483, 177.19, 185.535, 202.739, 211.483, 229.254, 238.383, 367.775, 378.505, 400.364, 411.405, 433.708, 445.053]],
  ])('takes the means of %i×%i cells that PyTorch takes', (size, expected) => {
    // torch.nn.AdaptiveAvgPool2d(size)(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1), x = arange(70).reshape(1, 7, 5, 2) ** 1.5; torch 1.13
    const layer = alone(adaptiveAveragePool({ size }), [7, 5, 2]);
    const x = tensor(Array.from({ length: 70 }, (_, i) => i ** 1.5), [1, 7, 5, 2]);
    expect(layer.outputs[0]!.shape).toEqual([null, expected.length]);
    const y = layer.apply(concat([x, mul(x, 2)])) as Tensor;
    expect(y.shape).toEqual([2, expected.length]);
    for (const [i, value] of values(y).entries()) {
      const once = expected[i % expected.length]!;
      expect(value).toBeCloseTo(i < expected.length ? once : 2 * once, 2);
    }
    layer.dispose();
  });

  it('is the mean over the map with one cell, takes images of another size, and passes every pixel its share of the slope', () => {
    const image = randomNormal<Rank.R4>([2, 3, 4, 5], 0, 1, 'float32', 1);
    const one = alone(adaptiveAveragePool({ size: 1 }), [8, 8, 5]);
    expect(values(sub(one.apply(image) as Tensor, mean(image, [1, 2]))).every((gap) => Math.abs(gap) < 1e-6)).toBe(true);
    const four = alone(adaptiveAveragePool({ size: 2 }), [8, 8, 5]);
    const slope = grad((x: Tensor) => sum(four.apply(x) as Tensor))(image);
    // Of three rows the middle one is in both cells, of four columns none is.
    expect(values(slope).slice(0, 12 * 5).map((value) => Math.round(value * 4))).toEqual(Array.from({ length: 60 }, (_, i) => (i >= 20 && i < 40 ? 2 : 1)));
    one.dispose();
    four.dispose();
  });

  it('refuses a size that is no number of cells', () => {
    expect(() => adaptiveAveragePool({ size: 0 })).toThrow(LayersError);
    expect(() => adaptiveAveragePool({ size: 1.5 })).toThrow('adaptiveAveragePool');
  });
});
