import { afterEach, describe, expect, it } from 'vitest';
import { createEngine } from './engine.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { codeOf, fills } from './engine.test-data.ts';

let engine: Engine;
const open = (options: EngineOptions): Engine => (engine = createEngine(options));
afterEach(() => engine.dispose());

describe('heap', () => {
  it('grows, aligns, and keeps what it holds', () => {
    open({ threads: 2 });
    const first = engine.alloc(1000);
    engine.u8.fill(5, first, first + 1000);
    const large = engine.alloc(100 * 2 ** 20);
    expect([first % 64, large % 64]).toEqual([0, 0]);
    expect(engine.u8.length).toBeGreaterThanOrEqual(large + 100 * 2 ** 20);
    expect(engine.u8.subarray(first, first + 1000).every((x) => x === 5)).toBe(true);
    expect(fills(engine, 2, 1e6)).toBe(true);
  });

  it('counts, and uses freed memory again', () => {
    open({ threads: 1 });
    const sizes = [100, 5000, 64, 1, 0, 300_000, 7];
    const round = (): number[] => {
      const at = sizes.map((size) => engine.alloc(size));
      for (const [i, address] of at.entries()) {
        for (const other of at.slice(i + 1)) expect(Math.abs(other - address)).toBeGreaterThanOrEqual(64);
      }
      for (const address of [at[3]!, at[0]!, at[6]!, at[1]!, at[4]!, at[2]!, at[5]!]) engine.free(address);
      return at;
    };
    const before = round();
    expect(engine.bytesInUse).toBe(0);
    expect(round()).toEqual(before);
    expect(engine.peakBytes).toBe(128 + 5056 + 64 + 64 + 64 + 300_032 + 64);
  });

  it('rejects a second free', () => {
    open({ threads: 1 });
    const at = engine.alloc(64);
    engine.free(at);
    expect(codeOf(() => engine.free(at))).toBe('invalid-argument');
  });

  it.each([1, 2])('says what to do when memory runs out, with %i threads', (threads) => {
    open({ threads });
    const held = engine.alloc(50 * 2 ** 20);
    expect(codeOf(() => engine.alloc(2 ** 32))).toBe('out-of-memory');
    const usage = '50\\.0 MiB are in use, the peak was 50\\.0 MiB, and it holds at most 4096\\.0 MiB';
    expect(() => engine.alloc(2 ** 32)).toThrow(new RegExp(`no room for 4096\\.0 MiB of scratch space: ${usage}\\. Use a smaller batch`));
    const tensor = new RegExp(`a tensor of shape \\[96, 4, 5\\], 4096\\.0 MiB: ${usage}\\. If its first dimension, 96, is the batch, try 48`);
    expect(() => engine.alloc(2 ** 32, [96, 4, 5])).toThrow(tensor);
    engine.free(held);
    expect(fills(engine, 1)).toBe(true);
  });
});
