import { randomNormal, tensor2d } from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { average, toTensor, transpose, waves } from '../test/reference.ts';
import { LossError } from './error.ts';
import { outputStd } from './output-std.ts';

describe('outputStd', () => {
  it('agrees with its formula in double precision', () => {
    const [a] = waves(5, 4);
    const rows = a.map((row) => row.map((value) => value / Math.hypot(...row)));
    const stds = transpose(rows).map((column) => Math.sqrt(average(column.map((value) => (value - average(column)) ** 2))));
    expect(outputStd(toTensor(a)).dataSync()[0]).toBeCloseTo(2 * average(stds), 6);
  });

  it('is about 1 for outputs in all directions, whatever their length', () => {
    const spread = randomNormal([512, 32], 0, 7, 'float32', 1) as Tensor2D;
    expect(outputStd(spread).dataSync()[0]).toBeCloseTo(1, 1);
  });

  it('is 0 at collapse, for one image, and for zeros', () => {
    const collapsed = tensor2d(Array.from({ length: 6 }, (_, i) => [0.3 * (i + 1), -0.2 * (i + 1), 0.1 * (i + 1)]));
    expect(outputStd(collapsed).dataSync()[0]).toBeLessThan(1e-6);
    expect(outputStd(tensor2d([[1, 2]])).dataSync()[0]).toBe(0);
    expect(outputStd(tensor2d([[0, 0], [0, 0]])).dataSync()[0]).toBe(0);
  });

  it('refuses what is not [batch, dim]', () => {
    expect(() => outputStd(tensor2d([], [0, 3]))).toThrow(LossError);
  });
});
