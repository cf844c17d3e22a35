import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { conv2d, conv2dFilterGrad, conv2dInputGrad } from './conv.ts';
import { createEngine, f32 } from './engine.ts';
import type { Engine } from './engine.ts';
import { matMul } from './gemm.ts';
import { K } from './kernel-ids.ts';
import { createOrder } from './order.ts';
import type { Touches } from './order.ts';
import { together } from './worker-source.ts';

describe('the order of runs', () => {
  /** Blocks of 100 bytes at 100, 200 and 300. */
  const sizeOf = (address: number): number | undefined => ([100, 200, 300].includes(address) ? 100 : undefined);

  it('lets a run wait for those that write what it touches, or read what it writes', () => {
    const order = createOrder(sizeOf);
    const waits = (run: number, touches?: Touches): number => order.add(run, touches) & (2 ** Math.min(run - 1, together - 1) - 1);
    expect(waits(1, { reads: [100], writes: [200] })).toBe(0);
    expect(waits(2, { reads: [100], writes: [300] })).toBe(0);
    expect(waits(3, { reads: [200] })).toBe(0b10); // the first one writes it
    expect(waits(4, { writes: [100] })).toBe(0b110); // both read it
    expect(waits(5, { writes: [[290, 20]] })).toBe(0b1110); // ends in a block and begins in one
    expect(waits(6, { reads: [0, [0, 10]], writes: [[400, 8]] })).toBe(0); // 0 is no place
    expect(waits(7)).toBe(0b111111);
    expect(waits(8, { reads: [[400, 4]] })).toBe(0b11);
    expect(waits(9, { reads: [150] })).toBe(0b1111111); // no block begins there
  });

  it('knows which runs touch some bytes', () => {
    const order = createOrder(sizeOf);
    order.add(1, { reads: [100], writes: [[200, 8]] });
    order.add(2, undefined);
    expect([[100, false], [100, true], [196, false], [204, false], [208, true]].map(([at, reading]) => order.touches(1, at as number, 4, reading as boolean))).toEqual([
      false, true, false, true, false,
    ]);
    expect(order.touches(2, 1000, 4, false)).toBe(true);
  });
});

describe.each([2, 3])('runs on %i threads that tell what they touch', (threads) => {
  it('have the results that they have one after the other', async () => {
    const engine = createEngine({ threads });
    const [n, arrays] = [30_000, 6];
    const at = Array.from({ length: arrays }, () => engine.alloc(4 * n));
    engine.run(K.fill, [at[0]!, n, f32(0)], { parts: threads });
    engine.finish();
    for (let i = 0; i < 500 && engine.workersReady < threads - 1; i++) await delay(10);
    const expected = at.map(() => 0);
    for (const address of at) engine.run(K.fill, [address, n, f32(0)], { parts: 1, touches: { writes: [address] } });
    let state = threads;
    const random = (below: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    for (let round = 0; round < 3000; round++) {
      const [a, b, to] = [random(arrays), random(arrays), random(arrays)];
      const parts = 1 + random(5);
      if (round % 7 === 0) {
        engine.run(K.fill, [at[to]!, n, f32(round)], { parts, touches: { writes: [at[to]!] } });
        expected[to] = round;
      } else {
        engine.run(K.sub, [at[a]!, at[b]!, at[to]!, n, n, 1, 1, 0], { parts, touches: { reads: [at[a]!, at[b]!], writes: [[at[to]!, 4 * n]] } });
        expected[to] = Math.fround(expected[a]! - expected[b]!);
      }
      if (round % 5 > 0) continue;
      // What is read waits for no more than it has to, and what is written for those that read it.
      const seen = random(arrays);
      const { f32: values } = engine.readable(at[seen]!, 4 * n);
      expect([values[at[seen]! / 4], values[at[seen]! / 4 + n - 1]], `round ${round}`).toEqual([expected[seen], expected[seen]]);
      if (round % 3 > 0) continue;
      engine.writable(at[seen]!, 4 * n).f32.fill(round, at[seen]! / 4, at[seen]! / 4 + n);
      expected[seen] = round;
    }
    for (const [i, address] of at.entries()) {
      expect(engine.f32.subarray(address / 4, address / 4 + n).every((value) => value === expected[i]), `array ${i}`).toBe(true);
    }
    engine.dispose();
  });
});

describe('a run', () => {
  it('begins while one before it still works that it does not touch', async () => {
    const engine = createEngine({ threads: 3 });
    const n = 8_000_000;
    const [long, short] = [engine.alloc(4 * n), engine.alloc(64)];
    engine.run(K.fill, [long, n, f32(0)], { parts: 3 });
    engine.run(K.fill, [short, 1, f32(0)], { parts: 1 });
    const { f32: values } = engine;
    for (let i = 0; i < 500 && engine.workersReady < 2; i++) await delay(10);
    let early = 0;
    for (let i = 1; i <= 200 && early === 0; i++) {
      // Two workers take a run of one part each; nobody waits for anything.
      engine.run(K.fill, [short, 1, f32(-i)], { parts: 3, touches: { writes: [short] } });
      engine.run(K.fill, [long, n, f32(i)], { parts: 1, touches: { writes: [long] } });
      engine.run(K.fill, [short, 1, f32(i)], { parts: 1, touches: { writes: [short] } });
      for (const start = performance.now(); performance.now() < start + 1000 && values[short / 4] !== i; );
      if (values[long / 4 + n - 1] !== i) early++;
      engine.finish();
      expect([values[long / 4 + n - 1], values[short / 4]]).toEqual([i, i]);
    }
    expect(early).toBeGreaterThan(0);
    engine.dispose();
  });
});

describe('convolutions and products', () => {
  /** An engine that says which addresses among a run's arguments the run does not tell of. */
  function watched(): { readonly engine: Engine; readonly untold: string[]; readonly told: () => number } {
    const own = createEngine({ threads: 2 });
    own.alloc(2 ** 28); // no size or count is as large as an address behind it
    const blocks = new Map<number, number>();
    const untold: string[] = [];
    let told = 0;
    const engine = {
      ...own,
      alloc: (bytes: number) => {
        const at = own.alloc(bytes);
        blocks.set(at, bytes);
        return at;
      },
      free: (at: number) => {
        blocks.delete(at);
        own.free(at);
      },
      run: (kernel: number, args: readonly number[], options: Parameters<Engine['run']>[2] = {}) => {
        const places = [...(options.touches?.reads ?? []), ...(options.touches?.writes ?? [])].map((place) => (typeof place === 'number' ? place : place[0]));
        for (const [at, bytes] of blocks) {
          if (!args.some((arg) => arg >= at && arg < at + bytes)) continue;
          if (places.includes(at)) told++;
          else untold.push(`${Object.keys(K)[kernel]}: block ${[...blocks.keys()].indexOf(at)}`);
        }
        own.run(kernel, args, options);
      },
    };
    return { engine, untold, told: () => told };
  }

  it.each([
    [8, 16, 16, 1, 3], [4, 512, 128, 1, 3], [8, 64, 64, 1, 3], [8, 128, 256, 2, 3], [9, 5, 7, 2, 3], [8, 16, 32, 2, 1], [8, 3, 16, 1, 3],
  ])('tell all that they touch: %i pixels, %i to %i channels, stride %i, filters of %i', (size, c, k, stride, side) => {
    const { engine, untold, told } = watched();
    const out = Math.ceil(size / stride);
    const shape = {
      batchSize: 32, inHeight: size, inWidth: size, inChannels: c, outHeight: out, outWidth: out, outChannels: k, filterHeight: side, filterWidth: side,
      strideHeight: stride, strideWidth: stride, dilationHeight: 1, dilationWidth: 1, padTop: side >> 1, padLeft: side >> 1,
    };
    const [x, w, y, bias] = [32 * size ** 2 * c, side ** 2 * c * k, 32 * out ** 2 * k, k].map((n) => engine.alloc(4 * n)) as [number, number, number, number];
    conv2d(engine, x, w, y, shape, { bias });
    conv2dInputGrad(engine, y, w, x, shape);
    conv2dFilterGrad(engine, x, y, w, shape);
    matMul(engine, x, w, y, { m: 4, k: c, n: k, bias });
    matMul(engine, y, w, x, { m: 32 * out ** 2, k, n: c, transposeB: true });
    engine.finish();
    expect(untold).toEqual([]);
    expect(told()).toBeGreaterThan(15);
    engine.dispose();
  });
});
