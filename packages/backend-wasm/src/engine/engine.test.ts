import { afterEach, expect, it } from 'vitest';
import { createEngine, f32 } from './engine.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { K } from './kernel-ids.ts';

let engine: Engine;
const open = (options: EngineOptions): Engine => (engine = createEngine(options));
afterEach(() => engine.dispose());

it.each([1, 2, 3])('fills memory with %i threads', async (threads) => {
  const { run, alloc } = open({ threads });
  const n = 100_003;
  const at = alloc(4 * n + 4);
  engine.f32[at / 4 + n] = 7;
  for (let round = 0; round < 100; round++) {
    run(K.fill, [at, n, f32(round + 0.5)]);
    const view = engine.f32.subarray(at / 4, at / 4 + n);
    expect(view[0]).toBe(round + 0.5);
    expect(view.every((value) => value === round + 0.5)).toBe(true);
  }
  expect(engine.f32[at / 4 + n]).toBe(7);
  expect(engine.workersReady).toBe(threads - 1);
});
