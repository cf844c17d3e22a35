import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BroadcastChannel as NodeBroadcastChannel, Worker as NodeWorker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngine, createEngineAsync, f32 } from './engine.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { codeOf, fills } from './engine.test-data.ts';
import { matMul } from './gemm.ts';
import { K } from './kernel-ids.ts';

let engine: Engine;
const open = (options: EngineOptions): Engine => (engine = createEngine(options));
afterEach(() => engine.dispose());

async function untilReady(workers: number): Promise<void> {
  for (let i = 0; i < 500 && engine.workersReady < workers; i++) await delay(10);
  expect(engine.workersReady).toBe(workers);
}

describe('runs', () => {
  it.each([1, 2, 3])('with %i threads, before and after the workers are up', async (threads) => {
    open({ threads });
    for (let i = 0; i < 20; i++) expect(fills(engine, i + 0.5)).toBe(true);
    await untilReady(threads - 1);
    for (let i = 0; i < 500; i++) expect(fills(engine, i + 0.25, 1000 + i)).toBe(true);
    await delay(20); // the workers are asleep now
    expect(fills(engine, -1)).toBe(true);
  });

  it('with now few and now many parts, which a worker that is late does not mix up', async () => {
    open({ threads: 3 });
    expect(fills(engine, 1)).toBe(true);
    await untilReady(2);
    const at = engine.alloc(4 * 1024);
    for (let i = 0; i < 30_000; i++) {
      engine.run(K.fill, [at, 1024, f32(i)], { parts: i % 2 === 0 ? 2 : 300 });
      if (engine.f32[at / 4] !== i || engine.f32[at / 4 + 1023] !== i) expect.fail(`run ${i} is not whole`);
    }
  });

  it('writes nothing but its own memory', () => {
    open({ threads: 2 });
    const at = engine.alloc(64);
    engine.f32.fill(7, at / 4, at / 4 + 16);
    engine.run(K.fill, [at, 13, f32(1)]);
    expect([...engine.f32.subarray(at / 4 + 12, at / 4 + 16)]).toEqual([1, 7, 7, 7]);
  });

  it('compiles in the background too', async () => {
    engine = await createEngineAsync({ threads: 2, relaxed: false });
    expect(engine.relaxed).toBe(false);
    expect(fills(engine, 3)).toBe(true);
  });

  it('takes vectors of eight numbers from Node 24 to 26 on x64, unless told not to', () => {
    const [major = 0] = process.versions.node.split('.').map(Number);
    const wide = (options: EngineOptions): boolean => {
      open({ threads: 1, ...options }).dispose();
      return engine.wide;
    };
    expect(wide({})).toBe(process.arch === 'x64' && major >= 24 && major <= 26);
    expect(wide({ wide: false })).toBe(false);
    expect(engine.relaxed).toBe(true);
    expect(wide({ relaxed: false })).toBe(false);
  });

  it('says which kernel failed, on whichever thread, and goes on', async () => {
    open({ threads: 2 });
    expect(fills(engine, 1)).toBe(true);
    await untilReady(1);
    const outside = 2 ** 32 - 4096;
    for (let i = 0; i < 50; i++) {
      const parts = 1 + (i % 2);
      const fail = (): void => {
        engine.run(K.fill, [outside, 1000, f32(1)], { parts });
        engine.finish();
      };
      expect(fail).toThrow(/Kernel fill failed.*out of bounds/);
      expect(codeOf(fail)).toBe('kernel-failed');
    }
    const size = engine.f32.buffer.byteLength;
    engine.run(K.fill, [size - 2000, 1000, f32(1)], { parts: 2 });
    await delay(20); // by then the worker has met the end
    const place = String.raw`at wasm-function\[\d+\]:0x[0-9a-f]+, with a memory of ${size} bytes`;
    expect(() => engine.finish()).toThrow(new RegExp(`Kernel fill failed on a worker: .*out of bounds ${place}`));
    expect(fills(engine, 2)).toBe(true);
  });

  it.each(['f32', 'i32', 'u8', 'finish', 'run'] as const)('tell what failed once, before %s is through', async (asked) => {
    open({ threads: 2 });
    const at = engine.alloc(4000);
    const fill = (address: number, value: number): void => engine.run(K.fill, [address, 1000, f32(value)], { parts: 2 });
    const ask = (): unknown => (asked === 'finish' ? engine.finish() : asked === 'run' ? fill(at, 0) : engine[asked]);
    for (let i = 0; i < 20; i++) {
      fill(2 ** 32 - 4096, 1);
      if (asked === 'run') await delay(2); // by then the worker has failed
      const codes = [0, 1, 2].map(() => codeOf(() => void ask()));
      if (engine.workersReady > 0) expect(codes).toEqual(['kernel-failed', undefined, undefined]);
      else codeOf(() => engine.finish());
    }
    expect(fills(engine, 3)).toBe(true);
  });

  it.each([1, 2, 3])('one after the other, whatever their parts, and writes in turn with them, with %i threads', async (threads) => {
    open({ threads });
    expect(fills(engine, 1)).toBe(true);
    await untilReady(threads - 1);
    const [n, few] = [5000, 40];
    const at = [0, 1, 2].map(() => engine.alloc(4 * n));
    const holds = (address: number, values: Int32Array): boolean => values.every((value, j) => engine.i32[address / 4 + j] === value);
    const expected = at.map(() => new Int32Array(n));
    for (const address of at) engine.run(K.fill, [address, n, f32(0)]);
    for (let i = 0; i < 2000; i++) {
      const [from, to] = [i % 3, (i * 7 + 1) % 3];
      if (i % 5 === 0) {
        engine.write(new Int32Array(few).fill(i), at[from]!);
        expected[from]!.fill(i, 0, few);
      }
      engine.run(K.addInt, [at[from]!, at[to]!, at[to]!, n, n, 1, 1, 0], { parts: 1 + (i % 4) * 3 });
      for (let j = 0; j < n; j++) expected[to]![j] = expected[from]![j]! + expected[to]![j]!;
      if (i % 11 === 0) {
        engine.run(K.fill, [at[to]!, n, i]);
        expected[to]!.fill(i);
      }
      if (i % 200 === 0) expect(holds(at[to]!, expected[to]!)).toBe(true);
    }
    for (const [j, address] of at.entries()) expect(holds(address, expected[j]!)).toBe(true);
  });

  it('of one part use the scratch space of one thread, whoever takes them', async () => {
    open({ threads: 2 });
    const [n, many] = [40, 100_000];
    const [a, b, out, large] = [n * n, n * n, n * n, many].map((size) => engine.alloc(4 * size)) as [number, number, number, number];
    engine.run(K.fill, [a, 2 * n * n, f32(1)], { parts: 2 });
    await untilReady(1);
    matMul(engine, a, b, out, { m: n, k: n, n });
    const scratchBytes = engine.peakBytes - engine.bytesInUse;
    const [hole, after] = [engine.alloc(scratchBytes), engine.alloc(scratchBytes)];
    engine.free(hole); // where the scratch space fits best
    engine.f32.fill(7, after / 4, (after + scratchBytes) / 4);
    for (let i = 0; i < 500; i++) {
      engine.run(K.fill, [large, many, f32(i)], { parts: 300 });
      matMul(engine, a, b, out, { m: n, k: n, n });
    }
    expect(engine.f32.subarray(after / 4, (after + scratchBytes) / 4).every((x) => x === 7)).toBe(true);
  });

  it('rejects arguments that no kernel can read', () => {
    open({ threads: 1 });
    expect(codeOf(() => engine.run(K.fill, [4096, 1, 0.5]))).toBe('invalid-argument');
    expect(codeOf(() => engine.run(K.fill, Array.from({ length: 33 }, () => 0)))).toBe('invalid-argument');
    expect(codeOf(() => createEngine({ threads: 0 }))).toBe('invalid-argument');
  });

  it('refuses work once it is disposed', () => {
    open({ threads: 2 });
    expect(fills(engine, 1)).toBe(true);
    engine.dispose();
    engine.dispose();
    expect(codeOf(() => engine.run(K.fill, [4096, 1, f32(1)]))).toBe('disposed');
  });
});

describe('workers', () => {
  const threads = process.getBuiltinModule('node:worker_threads') as { Worker: typeof NodeWorker; BroadcastChannel: typeof NodeBroadcastChannel };
  const original = threads.Worker;
  afterEach(() => {
    threads.Worker = original;
  });

  /** Lets a test end workers, which the thread that starts them keeps to itself: the n-th that it made, told over a channel. */
  function exposeWorkers(): (index: number) => Promise<void> {
    const expose = `{
      const threads = process.getBuiltinModule('node:worker_threads');
      const made = [];
      threads.Worker = class extends threads.Worker { constructor(...given) { super(...given); made.push(this); } };
      const channel = new threads.BroadcastChannel('backend-wasm-test');
      channel.onmessage = async ({ data }) => { if (data.end !== undefined) { await made[data.end].terminate(); channel.postMessage({ ended: data.end }); } };
    }`;
    threads.Worker = class extends original {
      constructor(source: string, options: object) {
        super(expose + source, options);
      }
    } as never;
    return (index) =>
      new Promise((done) => {
        const channel = new threads.BroadcastChannel('backend-wasm-test');
        // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the only way that its types know
        channel.onmessage = () => {
          channel.close();
          done();
        };
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
        channel.postMessage({ end: index });
      });
  }

  it('may die: the others do their share', async () => {
    const end = exposeWorkers();
    open({ threads: 3 });
    expect(fills(engine, 1)).toBe(true);
    await untilReady(2);
    for (const index of [0, 1]) {
      await end(index);
      for (let i = 0; i < 20; i++) expect(fills(engine, i)).toBe(true);
    }
  });

  it('may die at work: the run says so soon after, and the others go on', async () => {
    exposeWorkers();
    open({ threads: 2 });
    const n = 3072;
    const at = [0, 1, 2].map(() => engine.alloc(4 * n * n));
    expect(fills(engine, 1)).toBe(true);
    await untilReady(1);
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const killer = new original(
      `const { BroadcastChannel, workerData } = require('node:worker_threads');
      Atomics.wait(workerData, 0, 0);
      setTimeout(() => { const channel = new BroadcastChannel('backend-wasm-test'); channel.postMessage({ end: 0 }); channel.onmessage = () => channel.close(); }, 100);`,
      { eval: true, workerData: flag },
    );
    await new Promise((online) => killer.on('online', online));
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    const start = performance.now();
    let error: unknown;
    try {
      for (let i = 0; i < 50; i++) matMul(engine, at[0]!, at[1]!, at[2]!, { m: n, k: n, n });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'worker-lost', message: expect.stringContaining('died') });
    expect(performance.now() - start).toBeLessThan(20_000);
    for (let i = 0; i < 20; i++) expect(fills(engine, i)).toBe(true);
    await killer.terminate();
  });

  it('that do not start leave their share to the others', async () => {
    threads.Worker = class extends original {
      constructor(source: string, options: { workerData: { source: string } }) {
        super(source, { ...options, workerData: { ...options.workerData, source: `if (require('node:worker_threads').workerData.index === 0) throw 0; ${options.workerData.source}` } } as never);
      }
    } as never;
    open({ threads: 3 });
    expect(fills(engine, 1)).toBe(true);
    await untilReady(1);
    await delay(200);
    expect(engine.workersReady).toBe(1);
    for (let i = 0; i < 20; i++) expect(fills(engine, i)).toBe(true);
  });

  it('may be forbidden', () => {
    threads.Worker = (() => {}) as never; // no constructor: `new` throws
    open({ threads: 2 });
    expect(fills(engine, 1)).toBe(true);
    expect(engine.workersReady).toBe(0);
  });

  it.each(['', 'engine.dispose();'])('let the process end by itself: %j', (end) => {
    const bench = fileURLToPath(new URL('../../bench/load-engine.mjs', import.meta.url));
    const script = `
      const { loadEngine } = await import(${JSON.stringify(bench)});
      const { createEngine, matMul } = await loadEngine();
      const engine = createEngine({ threads: 3 });
      const at = engine.alloc(4 * 256 * 256);
      while (engine.workersReady < 2) {
        matMul(engine, at, at, engine.alloc(4 * 256 * 256), { m: 256, k: 256, n: 256 });
        await new Promise((done) => setTimeout(done, 10));
      }
      ${end}
      console.log('finished');`;
    const { status, stdout, stderr, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect({ status, signal, stdout, stderr }).toEqual({ status: 0, signal: null, stdout: 'finished\n', stderr: '' });
  });
});
