import { expect, test } from 'vitest';
import { uniform } from './random.ts';
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

/** Q·diag(values)·Qᵀ with Q a product of random reflections. */
function withEigenvalues(values: readonly number[], seed: number): Float64Array {
  const size = values.length;
  const random = uniform(seed);
  const a = new Float64Array(size * size);
  for (const [i, value] of values.entries()) a[i * size + i] = value;
  for (let round = 0; round < 3; round++) {
    const v = Array.from({ length: size }, () => random() - 0.5);
    const squares = v.reduce((sum, entry) => sum + entry * entry, 0);
    const reflect = (start: number, stride: number): void => {
      let inner = 0;
      for (let i = 0; i < size; i++) inner += a[start + i * stride]! * v[i]!;
      for (let i = 0; i < size; i++) a[start + i * stride] = a[start + i * stride]! - (2 * inner * v[i]!) / squares;
    };
    for (let i = 0; i < size; i++) reflect(i, size);
    for (let i = 0; i < size; i++) reflect(i * size, 1);
  }
  return a;
}

test.each([
  { name: 'distinct', values: [-3, -1, 0.5, 2, 7, 1e3] },
  { name: 'repeated and zero', values: [-1, 0, 0, 0, 4, 4, 4, 4] },
  { name: 'over twelve orders of magnitude', values: [1e-12, 1e-9, 1e-6, 1e-3, 1] },
  { name: 'a single one', values: [5] },
])('finds eigenvalues that are known by construction: $name', ({ values }) => {
  const matrix = withEigenvalues(values, 4);
  const copy = matrix.slice();
  const largest = Math.max(...values.map(Math.abs));
  const found = symmetricEigenvalues(matrix, values.length);
  for (const [i, value] of values.entries()) expect(Math.abs(found[i]! - value)).toBeLessThan(2e-14 * largest);
  expect(matrix).toEqual(copy);
});

test('finds 2 − 2·cos(kπ / (n + 1)), the spectrum of the second difference of 60 points', () => {
  const size = 60;
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    matrix[i * size + i] = 2;
    if (i > 0) matrix[i * size + i - 1] = matrix[(i - 1) * size + i] = -1;
  }
  const found = symmetricEigenvalues(matrix, size);
  for (let k = 1; k <= size; k++) expect(found[k - 1]).toBeCloseTo(2 - 2 * Math.cos((k * Math.PI) / (size + 1)), 12);
});

test('a matrix of zeros has zeros', () => {
  expect([...symmetricEigenvalues(new Float64Array(9), 3)]).toEqual([0, 0, 0]);
});
