import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEngine, f32 } from './engine.ts';
import { K } from './kernel-ids.ts';
import { control } from './worker-source.ts';

afterEach(() => vi.restoreAllMocks());

describe('the calling thread', () => {
  it('does not wait for a run that is finished by the time it would go to sleep', async () => {
    const engine = createEngine({ threads: 2 });
    const n = 20_000_000;
    const at = engine.alloc(4 * n);
    engine.run(K.fill, [at, n, f32(1)], { parts: 2 });
    engine.finish();
    for (let i = 0; i < 500 && engine.workersReady < 1; i++) await delay(10);

    let shared: Int32Array | undefined;
    const { load, wait } = Atomics;
    const looks = (array: Int32Array, place: number): number => {
      if (place === control.finished) shared = array;
      return load(array, place);
    };
    const now = performance.now.bind(performance);
    let held = 0;
    // The clock is read between the last look at the run and going to sleep: until it is read, the worker finishes.
    const clock = (): number => {
      if (shared === undefined) return now();
      while (load(shared, control.finished) !== load(shared, control.published));
      held++;
      return now();
    };
    let waits = 0;
    const waiting = (...args: Parameters<typeof wait>): ReturnType<typeof wait> => {
      waits++;
      return wait(...args);
    };
    Object.assign(Atomics, { load: looks, wait: waiting });
    vi.spyOn(performance, 'now').mockImplementation(clock);
    // Of three parts the worker takes two, since it begins earlier.
    for (let i = 0; i < 200; i++) {
      engine.run(K.gelu, [at, at, n], { parts: 3 });
      for (const start = now(); now() < start + 0.2 + (i % 10) / 2; );
      engine.finish();
      if (held > 0) break;
    }
    Object.assign(Atomics, { load, wait });
    expect(held).toBeGreaterThan(0);
    expect(waits).toBe(0);
    engine.dispose();
  });
});

it('takes parts from the last on with a worker', async () => {
  const engine = createEngine({ threads: 2 });
  const [n, parts] = [4096, 4];
  const [at, zeros] = [engine.alloc(4 * n * (parts + 1)), engine.alloc(4 * n * parts)];
  engine.run(K.fill, [zeros, n * parts, f32(0)], { parts });
  engine.finish();
  for (let i = 0; i < 500 && engine.workersReady < 1; i++) await delay(10);
  const heap = engine.f32;
  const blocks = (): number[] => Array.from({ length: parts + 1 }, (_, block) => heap[at / 4 + block * n]!);
  for (let i = 0; i <= parts; i++) heap.fill(i, at / 4 + i * n, at / 4 + (i + 1) * n);
  // Each part writes what the next one reads, so that the first block would go through to the last one in the other order.
  engine.run(K.sub, [at, zeros, at + 4 * n, n * parts, n * parts, 1, 1, 0], { parts });
  for (let i = 0; i < 500 && blocks()[1] !== 0; i++) await delay(10);
  expect(blocks()).toEqual([0, 0, 1, 2, 3]);
  engine.dispose();
});
