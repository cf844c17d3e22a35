import { expect, it } from 'vitest';
import { sharesOf } from './blocks.ts';
import { maxParts } from './worker-source.ts';

it('splits into no more parts than there are items, or than one run can have', () => {
  expect([sharesOf(5000, 1), sharesOf(5, 2), sharesOf(5000, 2), sharesOf(5000, 2, 1), sharesOf(0, 2)]).toEqual([1, 5, 64, 2, 1]);
  for (const threads of [32, 128, maxParts]) expect(sharesOf(5000, threads, 8)).toBeLessThanOrEqual(maxParts);
  expect(sharesOf(Infinity, 128, 8)).toBe(maxParts);
});
