// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { randomNormal, ready, setBackend } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { depthwiseConv2d, LayersError } from '@selfsup/layers';
import { alone, modelGradientGaps, relativeGap, saveAndLoad, values } from '../test/gradient-check.ts';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

describe('depthwiseConv2d', () => {
  it.each([
    [3, 1, 5, 6],
    [3, 2, 6, 5],
    [7, 1, 4, 4],
    [1, 1, 2, 3],
  ])('kernel %i, strides %i, %ix%i pixels: slides each kernel over its own channel', (kernelSize, strides, height, width) => {
    const net = alone(depthwiseConv2d({ kernelSize, strides, bias: true, init: 'torch', seed: 1 }), [height, width, 3]);
    const images = randomNormal([2, height, width, 3], 0, 1, 'float32', 2);
    const [kernel, bias] = net.weights.map((weight) => values(weight.read())) as [number[], number[]];
    const x = values(images);
    const [out, across, pad] = [Math.floor((height - 1) / strides) + 1, Math.floor((width - 1) / strides) + 1, (kernelSize - 1) / 2];
    const expected: number[] = [];
    for (let n = 0; n < 2; n++)
      for (let row = 0; row < out; row++)
        for (let column = 0; column < across; column++)
          for (let c = 0; c < 3; c++) {
            let total = bias[c]!;
            for (let i = 0; i < kernelSize; i++)
              for (let j = 0; j < kernelSize; j++) {
                const [top, left] = [row * strides + i - pad, column * strides + j - pad];
                if (top < 0 || left < 0 || top >= height || left >= width) continue;
                total += x[((n * height + top) * width + left) * 3 + c]! * kernel[(i * kernelSize + j) * 3 + c]!;
              }
            expected.push(total);
          }
    const y = net.apply(images) as Tensor;
    expect(y.shape).toEqual([2, out, across, 3]);
    expect(net.outputs[0]!.shape).toEqual([null, out, across, 3]);
    expect(relativeGap(values(y), expected)).toBeLessThan(1e-5);
    const gaps = modelGradientGaps(net, [images]);
    expect(gaps).toHaveLength(3);
    for (const gap of gaps) expect(gap).toBeLessThan(1e-3);
    net.dispose();
  });

  it('starts as torch starts a grouped convolution by fan-out, comes back from disk, and refuses even kernels', async () => {
    const net = alone(depthwiseConv2d({ kernelSize: 3, seed: 1 }), [4, 4, 256]);
    const kernel = values(net.weights[0]!.read());
    const deviation = Math.sqrt(kernel.reduce((total, value) => total + value * value, 0) / kernel.length);
    expect(Math.abs(deviation / Math.sqrt(2 / (9 * 256)) - 1)).toBeLessThan(0.05);
    const images = randomNormal([1, 4, 4, 256], 0, 1, 'float32', 2);
    const back = await saveAndLoad(net);
    expect(values(back.apply(images) as Tensor)).toEqual(values(net.apply(images) as Tensor));
    expect(() => depthwiseConv2d({ kernelSize: 4, seed: 1 })).toThrow(LayersError);
    net.dispose();
    back.dispose();
  });
});
