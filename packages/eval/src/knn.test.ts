import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useCpuBackend } from '../test/cpu-backend.ts';
import { featuresOf } from '../test/features.ts';
import { knn } from './index.ts';
import type { Features } from './index.ts';
import { uniform } from './random.ts';

beforeAll(useCpuBackend);


const rowOf = ({ data, dim }: Features, at: number): number[] => [...data.subarray(at * dim, (at + 1) * dim)];
const inner = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** The formula of the docstring, one pair at a time in float64. */
function referencePredictions(train: Features, labels: readonly number[], test: Features, k: number, tau: number): number[] {
  return Array.from({ length: test.rows }, (_, t) => {
    const x = rowOf(test, t);
    const cosines = labels.map((_label, i) => {
      const y = rowOf(train, i);
      return inner(x, y) / Math.sqrt(inner(x, x) * inner(y, y));
    });
    const nearest = labels.map((_label, i) => i).toSorted((i, j) => cosines[j]! - cosines[i]!).slice(0, k);
    const votes = new Map<number, number>();
    for (const i of nearest) votes.set(labels[i]!, (votes.get(labels[i]!) ?? 0) + Math.exp(cosines[i]! / tau));
    return [...votes].toSorted((a, b) => b[1] - a[1])[0]![0];
  });
}

describe('knn', () => {
  it.each([
    { k: 1, temperature: 0.07 },
    { k: 7, temperature: 0.07 },
    { k: 40, temperature: 1 },
    { k: 300, temperature: 0.5 },
  ])('agrees with the formula for k=$k, τ=$temperature on 300 × 500 random vectors', async ({ k, temperature }) => {
    const random = uniform(3);
    const draw = (rows: number): Features => ({ data: Float32Array.from({ length: rows * 6 }, () => random() - 0.5), rows, dim: 6 });
    const train = draw(300);
    const test = draw(500);
    const labels = Array.from({ length: 300 }, () => Math.floor(random() * 4));
    const before = memory().numTensors;
    const result = await knn({ train, trainLabels: labels, test, testLabels: new Uint8Array(500), k, temperature });
    expect([...result.predictions]).toEqual(referencePredictions(train, labels, test, k, temperature));
    expect(memory().numTensors).toBe(before);
  });

  it('the temperature weighs a near neighbour against a far majority', async () => {
    const task = {
      train: featuresOf([[1, 0], [0.6, 0.8], [0.6, -0.8]]),
      trainLabels: [0, 1, 1],
      test: featuresOf([[3, 0]]),
      testLabels: [0],
      k: 3,
    };
    // e^(1/τ) against 2·e^(0.6/τ): the near one wins while τ < 0.4 / ln 2 = 0.577.
    expect((await knn({ ...task, temperature: 0.5 })).accuracy).toBe(1);
    expect((await knn({ ...task, temperature: 0.65 })).accuracy).toBe(0);
    expect((await knn({ ...task, temperature: 1e-6 })).accuracy).toBe(1);
  });

  it('the length of a vector does not matter, a vector of zeros is as near as a right angle', async () => {
    const train = featuresOf([[1, 0], [0, 0], [-9, 0]]);
    const { predictions } = await knn({ train, trainLabels: [2, 1, 0], test: featuresOf([[1e-3, 0], [-50, 0]]), testLabels: [2, 0], k: 2 });
    expect([...predictions]).toEqual([2, 0]);
  });

  it('names its protocol', async () => {
    const rows = featuresOf([[1, 0], [0, 1]]);
    const { protocol } = await knn({ train: rows, trainLabels: [0, 1], test: rows, testLabels: [0, 1], k: 2 });
    expect(protocol).toBe('weighted kNN, k=2, τ=0.07, cosine');
  });

  it.each([
    ['k of 0', { k: 0 }, 'bad-option'],
    ['more neighbours than rows', { k: 3 }, 'bad-option'],
    ['a temperature of 0', { k: 1, temperature: 0 }, 'bad-option'],
    ['one label for two rows', { k: 1, trainLabels: [0] }, 'mismatch'],
    ['a negative label', { k: 1, testLabels: [0, -1] }, 'bad-option'],
    ['other dimensions', { k: 1, test: featuresOf([[1], [2]]) }, 'mismatch'],
    ['NaN', { k: 1, test: featuresOf([[1, 2], [2, Number.NaN]]) }, 'non-finite'],
    ['a wrong number of values', { k: 1, test: { data: new Float32Array(3), rows: 2, dim: 2 } }, 'mismatch'],
  ])('refuses %s', async (_name, change, code) => {
    const rows = featuresOf([[1, 0], [0, 1]]);
    const run = knn({ train: rows, trainLabels: [0, 1], test: rows, testLabels: [0, 1], ...change });
    await expect(run).rejects.toMatchObject({ name: 'EvalError', code });
  });
});
