import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useCpuBackend } from '../test/cpu-backend.ts';
import { lbfgsSolver, linearProbe } from './index.ts';
import type { Features } from './index.ts';
import { uniform } from './random.ts';

beforeAll(useCpuBackend);

interface Blobs {
  readonly features: Features;
  readonly labels: Int32Array;
}

/** Three classes on the corners of a triangle, with uniform noise, on scales and offsets that differ per dimension. */
function blobs(rows: number, noise: number, seed: number): Blobs {
  const random = uniform(seed);
  const corners = [[0, 0], [1, 0], [0, 1]] as const;
  const labels = Int32Array.from({ length: rows }, (_, row) => row % 3);
  const data = new Float32Array(rows * 3);
  for (let row = 0; row < rows; row++) {
    const [x, y] = corners[labels[row]!]!;
    data[row * 3] = 1e-3 * (x + noise * (random() - 0.5)) + 4;
    data[row * 3 + 1] = 50 * (y + noise * (random() - 0.5));
    data[row * 3 + 2] = 7;
  }
  return { features: { data, rows, dim: 3 }, labels };
}

describe('linearProbe', () => {
  it('separates classes whatever the scale of a dimension, and counts the confusion', async () => {
    const train = blobs(300, 0.5, 1);
    const test = blobs(90, 0.5, 2);
    const before = memory().numTensors;
    const scaled = { ...train.features, data: train.features.data.map((value) => value * 1e-4) };
    const scaledTest = { ...test.features, data: test.features.data.map((value) => value * 1e-4) };
    const task = { trainLabels: train.labels, testLabels: test.labels, classes: 3, seed: 0 };
    const result = await linearProbe({ ...task, train: train.features, test: test.features });
    const small = await linearProbe({ ...task, train: scaled, test: scaledTest });
    expect(memory().numTensors).toBe(before);
    expect(result.confusion.map((row) => row.reduce((sum, count) => sum + count, 0))).toEqual([30, 30, 30]);
    expect(result.confusion.reduce((sum, row, label) => sum + row[label]!, 0) / 90).toBe(result.accuracy);
    expect(small.predictions).toEqual(result.predictions);
    expect(result.protocol).toBe('linear probe, standardized features, L-BFGS, L2=0.001, at most 100 iterations');
  });

  it('finds the optimum of the penalised cross-entropy: one feature, two classes, known in closed form', async () => {
    // Class 0 at −1, class 1 at +1. By symmetry W = (−w, w), bias 0, and the optimum solves σ(−2w) = λ·w.
    const l2 = 0.1;
    const inputs: Features = { data: Float32Array.from([-1, 1, 1, 1]), rows: 2, dim: 2 };
    const weights = await lbfgsSolver({ l2, tolerance: 1e-6 }).fit({ inputs, labels: [0, 1], classes: 2, seed: 0 });
    const w = weights[1]!;
    expect(1 / (1 + Math.exp(2 * w))).toBeCloseTo(l2 * w, 4);
    expect(weights[0]).toBeCloseTo(-w, 4);
    expect(weights[2]).toBeCloseTo(0, 4);
  });

  it('collapsed features give the accuracy of one class, not an error', async () => {
    const features = { data: new Float32Array(60).fill(0.5), rows: 30, dim: 2 };
    const labels = Int32Array.from({ length: 30 }, (_, row) => (row < 20 ? 1 : 0));
    const result = await linearProbe({ train: features, trainLabels: labels, test: features, testLabels: labels, classes: 2, seed: 0 });
    expect(result.accuracy).toBeCloseTo(2 / 3);
  });

  it('test labels have no part in the predictions', async () => {
    const train = blobs(60, 2, 1);
    const test = blobs(30, 2, 2);
    const task = { train: train.features, trainLabels: train.labels, test: test.features, classes: 3, seed: 0 };
    const first = await linearProbe({ ...task, testLabels: test.labels });
    const second = await linearProbe({ ...task, testLabels: new Int32Array(30) });
    expect(second.predictions).toEqual(first.predictions);
    expect(second.accuracy).not.toBe(first.accuracy);
  });

  it.each([
    ['one class', { classes: 1 }, 'bad-option'],
    ['a label outside the classes', { classes: 2 }, 'bad-option'],
    ['one label too few', { trainLabels: [0, 1] }, 'mismatch'],
    ['infinite features', { test: { data: new Float32Array(9).fill(Infinity), rows: 3, dim: 3 } }, 'non-finite'],
  ])('refuses %s', async (_name, change, code) => {
    const { features, labels } = blobs(3, 0, 1);
    const task = { train: features, trainLabels: labels, test: features, testLabels: labels, classes: 3, seed: 0 };
    await expect(linearProbe({ ...task, ...change })).rejects.toMatchObject({ name: 'EvalError', code });
  });

  it('an impossible penalty is refused', () => {
    expect(() => lbfgsSolver({ l2: -1 })).toThrow('l2 is -1');
  });
});
