import { expect, test } from 'vitest';
import { uniform } from './random.ts';
import { topK } from './top-k.ts';

test('agrees with sorting, on values with many ties', () => {
  const random = uniform(5);
  for (let round = 0; round < 200; round++) {
    const length = 1 + Math.floor(random() * 60);
    const values = Float32Array.from({ length }, () => Math.floor(random() * 10) / 8 - 1);
    const k = 1 + Math.floor(random() * length);
    const indices = new Int32Array(k);
    const top = new Float32Array(k);
    topK(values, k, indices, top);
    const sorted = [...values.keys()].toSorted((i, j) => values[j]! - values[i]! || i - j).slice(0, k);
    expect([...indices]).toEqual(sorted);
    expect([...top]).toEqual(sorted.map((index) => values[index]));
  }
});

test('leaves one entry out', () => {
  const indices = new Int32Array(2);
  topK(Float32Array.from([3, 9, 5]), 2, indices, new Float32Array(2), 1);
  expect([...indices]).toEqual([2, 0]);
});
