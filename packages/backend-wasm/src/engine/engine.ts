import { BackendWasmError } from '../error.ts';
import { createAllocator } from './allocator.ts';
import { sharesOf } from './blocks.ts';
import { K } from './kernel-ids.ts';
import { compileSync, compile, createMemory } from './module.ts';
import type { Compiled } from './module.ts';
import { availableCores, fastestBuild, joinsVectors, supportsThreads } from './platform.ts';
import type { Build } from './platform.ts';
import { createOrder } from './order.ts';
import type { Touches } from './order.ts';
import { createPool } from './pool.ts';
import type { Pool } from './pool.ts';
import { argsBytes, ringSize } from './worker-source.ts';

/** One 32-bit argument of a kernel: an integer or address as it is, a float as `f32(value)`. */
export type KernelArg = number;

export interface RunOptions {
  /** Into how many parts the work is split; small work wants 1. Default: the engine's threads, `perThread` times. */
  readonly parts?: number;
  /** Several parts for each thread leave more to the others when one is held up. Default 1. */
  readonly perThread?: number;
  /** All that the run reads and writes. Without it, the run waits for all before it, and all after it wait for it. */
  readonly touches?: Touches;
}

export interface EngineOptions {
  /** Threads that share the work, the calling one included. Default: the available cores, at most 8. */
  readonly threads?: number;
  /** Fused multiply-add where the platform has it. Default: wherever it does. */
  readonly relaxed?: boolean;
  /**
   * Vectors of eight numbers instead of four where Node can join them (24 to 26, on x64), which takes an experimental flag of V8 that
   * is set for the whole process. Default: wherever it can, unless `relaxed` is false. Results are the same bits either way.
   */
  readonly wide?: boolean;
}

/** What tests choose besides. */
export interface EngineBuild {
  readonly build?: Build;
}

/** The WebAssembly heap, its kernels and the threads that run them. */
export interface Engine {
  /** 1 where workers cannot share a memory. Results depend on this number, never on timing. */
  readonly threads: number;
  /** Whether the relaxed-SIMD build (fused multiply-add) is in use. */
  readonly relaxed: boolean;
  /** Whether the build for vectors of eight numbers is in use. */
  readonly wide: boolean;
  /** Views over the whole heap, once all runs are finished. `alloc` may replace them: always read them afresh. */
  readonly f32: Float32Array;
  readonly i32: Int32Array;
  readonly u8: Uint8Array;
  /** Such views once those runs are finished that write the bytes from an address on, which is all that may be read. */
  readonly readable: (address: number, bytes: number) => Views;
  /** Such views once those runs are finished that touch the bytes from an address on, which is all that may be read or written. */
  readonly writable: (address: number, bytes: number) => Views;
  /**
   * The 64-byte-aligned address of at least `bytes` bytes with undefined contents.
   * @param shape of the tensor they are for, which the error names
   * @throws BackendWasmError `out-of-memory`
   */
  readonly alloc: (bytes: number, shape?: readonly number[]) => number;
  readonly free: (address: number) => void;
  readonly bytesInUse: number;
  readonly peakBytes: number;
  /**
   * Runs kernel `K.name` with up to 32 arguments, with the results that it has after all runs before it, and before anything is read or
   * written through the views. It may return before that, so that what goes wrong may be thrown by a later run, by a view or by `finish`.
   */
  readonly run: (kernel: number, args: readonly KernelArg[], options?: RunOptions) => void;
  /** Writes 32-bit numbers to an address in turn with the runs; when they are few, without waiting for those that touch the place. */
  readonly write: (numbers: Float32Array | Int32Array, address: number) => void;
  /** Waits until all runs are finished. @throws BackendWasmError what went wrong in them */
  readonly finish: () => void;
  /** Whether an array lies in the heap. */
  readonly holds: (array: ArrayBufferView) => boolean;
  /** Worker threads that are up; they start at the first run of several parts. */
  readonly workersReady: number;
  readonly dispose: () => void;
}

const argsAddress = 4096; // of a ring of runs, after the kernels' constants (scripts/build-wasm.mjs)
const maxArgs = argsBytes / 4;
/** Numbers that one run of `write` writes, and those beyond which waiting for the runs costs less. */
const [numbersPerRun, mostQueued] = [maxArgs - 2, 4 * (maxArgs - 2)];
const heapBase = argsAddress + ringSize * argsBytes;
const defaultMaxThreads = 8;

const floatSlot = new Float32Array(1);
const bitsSlot = new Int32Array(floatSlot.buffer);

/** A float as a kernel argument: the bits of its float32. */
export function f32(value: number): KernelArg {
  floatSlot[0] = value;
  return bitsSlot[0]!;
}

interface Chosen {
  readonly threads: number;
  readonly build: Build;
}

function chooseOptions({ threads, relaxed = true, wide = true, build }: EngineOptions & EngineBuild): Chosen {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
    throw new BackendWasmError('invalid-argument', `threads must be a whole number of at least 1, got ${threads}.`);
  }
  const wanted = threads ?? Math.min(availableCores(), defaultMaxThreads);
  return { threads: supportsThreads() ? wanted : 1, build: build ?? chooseBuild(relaxed, wide) };
}

function chooseBuild(relaxed: boolean, wide: boolean): Build {
  if (!relaxed) return 'plain-4x8';
  const build = fastestBuild();
  return build === 'relaxed-6x8' && wide && joinsVectors() ? 'relaxed-6x16' : build;
}

/** An engine, at once. In a browser's main thread prefer `createEngineAsync`, which does not block while it compiles. */
export function createEngine(options: EngineOptions & EngineBuild = {}): Engine {
  const { threads, build } = chooseOptions(options);
  return assemble(compileSync(build, threads > 1), threads, build);
}

/** Like `createEngine`, compiling in the background. */
export async function createEngineAsync(options: EngineOptions = {}): Promise<Engine> {
  const { threads, build } = chooseOptions(options);
  return assemble(await compile(build, threads > 1), threads, build);
}

function assemble(module: Compiled, threads: number, build: Build): Engine {
  const { memory, limit } = createMemory(threads > 1);
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = Object.keys(K);
  const table = kernels.map((name) => instance.exports[name] as (args: number, part: number, parts: number, thread: number) => void);
  const call = (kernel: number, args: number, part: number, parts: number): void => {
    try {
      table[kernel]!(args, part, parts, 0);
    } catch (error) {
      throw new BackendWasmError('kernel-failed', `Kernel ${kernels[kernel]} failed: ${String(error)}`);
    }
  };

  let views = viewsOf(memory.buffer);
  const grow = (bytes: number): number | undefined => {
    const pages = Math.ceil(bytes / 65536);
    const missing = pages - memory.buffer.byteLength / 65536;
    // In steps of 16 MiB where they fit, to the page where they do not.
    for (const step of [Math.max(missing, 256), missing]) {
      try {
        memory.grow(step);
        views = viewsOf(memory.buffer);
        return memory.buffer.byteLength;
      } catch {}
    }
    return undefined;
  };
  const heap = createAllocator(heapBase, memory.buffer.byteLength, limit, grow);
  let pool: Pool | undefined;
  let disposed = false;

  const idle = (): boolean => pool?.idle() ?? true;
  const checkArgs = (args: readonly KernelArg[]): void => {
    if (args.length > maxArgs) {
      throw new BackendWasmError('invalid-argument', `A kernel takes at most ${maxArgs} arguments, got ${args.length}.`);
    }
    for (let i = 0; i < args.length; i++) {
      if (!Number.isInteger(args[i])) {
        throw new BackendWasmError('invalid-argument', `Argument ${i} is ${args[i]}: pass floats as f32(value).`);
      }
    }
  };
  const run = (kernel: number, args: readonly KernelArg[], { perThread = 1, parts = sharesOf(Infinity, threads, perThread), touches }: RunOptions = {}): void => {
    if (disposed) throw new BackendWasmError('disposed', 'This engine was disposed; create another one.');
    checkArgs(args);
    if (threads === 1 || (parts === 1 && idle())) {
      views.i32.set(args, argsAddress / 4);
      for (let part = 0; part < parts; part++) call(kernel, argsAddress, part, parts);
      return;
    }
    pool ??= createPool({ workers: threads - 1, module, memory, kernels, argsAddress, order: createOrder(heap.sizeOf), call });
    pool.start(kernel, args, parts, touches);
  };
  const finish = (): void => pool?.finish();
  const settled = (address: number, bytes: number, reading: boolean): Views => {
    pool?.finishPlace(address, bytes, reading);
    return views;
  };
  const write = (numbers: Float32Array | Int32Array, address: number): void => {
    if (numbers.length > mostQueued || idle()) {
      const now = settled(address, numbers.byteLength, true);
      (numbers instanceof Float32Array ? now.f32 : now.i32).set(numbers, address / 4);
      return;
    }
    const bits = new Int32Array(numbers.buffer, numbers.byteOffset, numbers.length);
    for (let i = 0; i < bits.length; i += numbersPerRun) {
      const some = bits.subarray(i, i + numbersPerRun);
      run(K.write, [address + 4 * i, some.length, ...some], { parts: 1, touches: { writes: [[address + 4 * i, 4 * some.length]] } });
    }
  };
  const dispose = (): void => {
    disposed = true;
    pool?.close();
    pool = undefined;
  };

  return {
    threads,
    relaxed: build !== 'plain-4x8',
    wide: build === 'relaxed-6x16',
    get f32() {
      finish();
      return views.f32;
    },
    get i32() {
      finish();
      return views.i32;
    },
    get u8() {
      finish();
      return views.u8;
    },
    get bytesInUse() {
      return heap.bytesInUse();
    },
    get peakBytes() {
      return heap.peakBytes();
    },
    get workersReady() {
      return pool?.ready() ?? 0;
    },
    alloc: heap.alloc,
    free: heap.free,
    readable: (address, bytes) => settled(address, bytes, false),
    writable: (address, bytes) => settled(address, bytes, true),
    run,
    write,
    finish,
    holds: ({ buffer }) => buffer === views.u8.buffer,
    dispose,
  };
}

export interface Views {
  readonly f32: Float32Array;
  readonly i32: Int32Array;
  readonly u8: Uint8Array;
}

function viewsOf(buffer: ArrayBufferLike): Views {
  return { f32: new Float32Array(buffer), i32: new Int32Array(buffer), u8: new Uint8Array(buffer) };
}
