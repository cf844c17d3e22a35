import { describe, expect, it } from 'vitest';
import { createPace, inLanes } from './lanes.ts';

const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

/** How many were at work together at most, and all that was done in the end. */
async function run(count: number, most?: (done: number) => number): Promise<{ readonly together: number; readonly done: readonly number[] }> {
  const done: number[] = [];
  let active = 0;
  let together = 0;
  const work = async (position: number): Promise<void> => {
    together = Math.max(together, ++active);
    await later();
    active--;
    done.push(position);
  };
  await inLanes(count, work, most && (() => most(done.length)));
  return { together, done: done.toSorted((a, b) => a - b) };
}

describe('inLanes', () => {
  it.each([
    ['32 at a time', 100, undefined, 32],
    ['no more than there is to do', 3, undefined, 3],
    ['as many as it is told', 100, () => 5, 5],
    ['more once it is told', 100, (done: number) => (done > 10 ? 20 : 2), 20],
    ['fewer once it is told', 100, (done: number) => (done > 0 ? 1 : 10), 10],
    ['nothing', 0, undefined, 0],
  ] as const)('does %s', async (_, count, most, expected) => {
    const { together, done } = await run(count, most);
    expect(together).toBe(expected);
    expect(done).toEqual([...Array(count).keys()]);
  });

  it('does at once what needs no waiting', async () => {
    const done: number[] = [];
    const all = inLanes(1000, (position) => void done.push(position));
    expect(done).toHaveLength(1000);
    await all;
  });

  it('begins nothing more after a failure, and awaits what was begun', async () => {
    let begun = 0;
    let ended = 0;
    const work = async (position: number): Promise<void> => {
      begun++;
      await later();
      ended++;
      if (position === 3) throw new Error('three');
    };
    await expect(inLanes(100, work, () => 5)).rejects.toThrow('three');
    expect(begun).toBe(ended);
    expect(begun).toBeLessThan(15);
  });
});

describe('the pace', () => {
  it('is slow until an image is seen, and then by their size', () => {
    const pace = createPace();
    expect(pace.lanes()).toBe(4);
    for (let at = 0; at < 20; at++) pace.saw(500 * 375 * 3);
    expect(pace.lanes()).toBe(32);
    pace.saw(49_000_000 * 3);
    expect(pace.lanes()).toBe(4);
    for (let at = 0; at < 20; at++) pace.saw(12_000_000 * 3);
    expect(pace.lanes()).toBe(7);
    for (let at = 0; at < 20; at++) pace.saw(0);
    expect(pace.lanes()).toBe(32);
  });
});
