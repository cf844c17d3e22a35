import { beforeAll, expect, test } from 'vitest';
import { useCpuBackend } from '../test/cpu-backend.ts';
import { drawFeatures, featuresOf } from '../test/features.ts';
import { nearestNeighbours } from './index.ts';
import { uniform } from './random.ts';

beforeAll(useCpuBackend);

test('finds rows of a gallery by angle', async () => {
  const gallery = featuresOf([[0, 1], [1, 1], [5, 0], [-1, 0]]);
  const { indices, similarities, k } = await nearestNeighbours({ query: featuresOf([[2, 0], [0, 0.1]]), gallery, k: 3 });
  expect(k).toBe(3);
  expect([...indices]).toEqual([2, 1, 0, 0, 1, 2]);
  expect(similarities[1]).toBeCloseTo(Math.SQRT1_2, 6);
});

test('without a gallery no row finds itself, not even beside a twin', async () => {
  const { indices } = await nearestNeighbours({ query: featuresOf([[1, 0], [1, 0], [0, 1]]), k: 2 });
  expect([...indices]).toEqual([1, 2, 0, 2, 0, 1]);
});

test('does not depend on how the rows are split into chunks', async () => {
  const random = uniform(9);
  const all = drawFeatures(700, 5, () => random() - 0.5);
  const whole = await nearestNeighbours({ query: all, gallery: all, k: 4 });
  const tail = { data: all.data.slice(600 * 5), rows: 100, dim: 5 };
  const part = await nearestNeighbours({ query: tail, gallery: all, k: 4 });
  expect(part.indices).toEqual(whole.indices.slice(600 * 4));
});

test('refuses more neighbours than there are', async () => {
  const rows = featuresOf([[1, 0], [0, 1]]);
  await expect(nearestNeighbours({ query: rows, k: 2 })).rejects.toMatchObject({ code: 'bad-option' });
  await expect(nearestNeighbours({ query: rows, gallery: rows, k: 2 })).resolves.toMatchObject({ k: 2 });
});
