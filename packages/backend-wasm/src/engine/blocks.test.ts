import { expect, it } from 'vitest';
import { sharesOf } from './blocks.ts';
import { closedTicket, maxParts, openTicket, ringSize, takenOf } from './worker-source.ts';

it('splits into no more parts than there are items, or than one run can have', () => {
  expect([sharesOf(5000, 1), sharesOf(5, 2), sharesOf(5000, 2), sharesOf(5000, 2, 1), sharesOf(0, 2)]).toEqual([1, 5, 24, 2, 1]);
  for (const threads of [32, 128, maxParts]) expect(sharesOf(5000, threads, 8)).toBeLessThanOrEqual(maxParts);
  expect(sharesOf(Infinity, 128, 8)).toBe(maxParts);
});

it('counts the parts that are taken from either end in a ticket that names its run', () => {
  for (const run of [1, 70, 2 ** 31 - 1, -(2 ** 31), -1]) {
    expect(takenOf(openTicket(run))).toBe(0);
    expect(takenOf(openTicket(run) + maxParts)).toBe(maxParts);
    expect(takenOf(openTicket(run) + 5 + 7 * (maxParts + 1))).toBe(12);
    expect(takenOf(closedTicket(run))).toBe(maxParts);
    expect(openTicket(run) >> 20).not.toBe(openTicket((run + ringSize) | 0) >> 20); // the next one in the same slot
  }
});
