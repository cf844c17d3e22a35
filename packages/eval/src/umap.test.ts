import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { useCpuBackend } from '../test/cpu-backend.ts';
import { drawFeatures, featuresOf } from '../test/features.ts';
import { umap } from './index.ts';
import type { Features } from './index.ts';
import { uniform } from './random.ts';

beforeAll(useCpuBackend);

/** Three bundles of directions in 12 dimensions. */
function bundles(): Features {
  const random = uniform(1);
  const features = drawFeatures(150, 12, () => 0.3 * (random() - 0.5));
  for (let row = 0; row < 150; row++) features.data[row * 12 + (row % 3)] = 1;
  return features;
}

test('keeps bundles together and apart from each other, and leaks nothing', async () => {
  const before = memory().numTensors;
  const points = await umap(bundles(), { seed: 1 });
  expect(memory().numTensors).toBe(before);
  expect(points).toHaveLength(150);
  const mean = [0, 1, 2].map((bundle) => {
    const own = points.filter((_point, row) => row % 3 === bundle);
    return { x: own.reduce((sum, { x }) => sum + x, 0) / 50, y: own.reduce((sum, { y }) => sum + y, 0) / 50 };
  });
  for (const [row, { x, y }] of points.entries()) {
    const distances = mean.map((centre) => Math.hypot(x - centre.x, y - centre.y));
    expect(distances.indexOf(Math.min(...distances))).toBe(row % 3);
  }
});

test('the same seed draws the same map, another seed another one', async () => {
  const features = bundles();
  const [first, again, other] = [
    await umap(features, { seed: 1, epochs: 20 }),
    await umap(features, { seed: 1, epochs: 20 }),
    await umap(features, { seed: 2, epochs: 20 }),
  ];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

test('collapsed features still give a finite map', async () => {
  const points = await umap({ data: new Float32Array(120).fill(0.3), rows: 40, dim: 3 }, { seed: 1, epochs: 50 });
  expect(points.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true);
});

test.each([
  ['too few rows', featuresOf([[1], [2], [3]]), { seed: 1 }],
  ['a fractional seed', bundles(), { seed: 0.5 }],
  ['a minDist of 1', bundles(), { seed: 1, minDist: 1 }],
])('refuses %s', async (_name, features, options) => {
  await expect(umap(features, options)).rejects.toMatchObject({ name: 'EvalError', code: 'bad-option' });
});
