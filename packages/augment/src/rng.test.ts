import { expect, test } from 'vitest';
import { rngFor } from '@selfsup/augment';

const draws = (count: number, ...ids: number[]): number[] => {
  const rng = rngFor(...ids);
  return Array.from({ length: count }, () => rng.next());
};

test('the same ids give the same stream, any other ids another', () => {
  expect(draws(5, 1, 2, 3)).toEqual(draws(5, 1, 2, 3));
  const keys = [[], [0], [0, 0], [1], [-1], [2 ** 32], [2 ** 32 + 1], [0, 1], [1, 0], [2 ** 53 - 1]];
  expect(new Set(keys.map((ids) => draws(2, ...ids).join()))).toHaveLength(keys.length);
});

test('a known stream, so that runs can be reproduced across versions', () => {
  expect(draws(3, 1, 2, 3)).toMatchInlineSnapshot(`
    [
      0.1950344869401306,
      0.6906054408755153,
      0.6381423086859286,
    ]
  `);
});

test('neighbouring keys are uncorrelated and uniform', () => {
  const n = 20_000;
  const first = Array.from({ length: n }, (_, index) => rngFor(0, 0, index, 0).next());
  const second = Array.from({ length: n }, (_, index) => rngFor(0, 0, index, 1).next());
  const mean = first.reduce((sum, x) => sum + x, 0) / n;
  expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
  const lag = (other: (i: number) => number): number =>
    (first.reduce((sum, x, i) => sum + (x - 0.5) * (other(i) - 0.5), 0) / n) * 12;
  expect(Math.abs(lag((i) => second[i]!))).toBeLessThan(4 / Math.sqrt(n));
  expect(Math.abs(lag((i) => first[(i + 1) % n]!))).toBeLessThan(4 / Math.sqrt(n));
  const counts = Array.from({ length: 16 }, () => 0);
  for (const x of first) counts[Math.floor(x * 16)]!++;
  const chiSquare = counts.reduce((sum, count) => sum + (count - n / 16) ** 2 / (n / 16), 0);
  expect(chiSquare).toBeLessThan(44); // 15 degrees of freedom, p = 1e-4
});

test('integers stay below their bound and reach all of it', () => {
  const rng = rngFor(5);
  const seen = new Set(Array.from({ length: 200 }, () => rng.integer(7)));
  expect([...seen].toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('refuses what is not a whole number', () => {
  expect(() => rngFor(0.5)).toThrow(expect.objectContaining({ code: 'invalid-key' }));
  expect(() => rngFor(Number.NaN)).toThrow(expect.objectContaining({ code: 'invalid-key' }));
});
