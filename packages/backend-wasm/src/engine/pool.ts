import { BackendWasmError } from '../error.ts';
import { mayBlock, nodeBuiltin } from './platform.ts';
import { control, maxParts, watcherSource, workerSource } from './worker-source.ts';

/** Worker threads that share the engine's memory. */
export interface Pool {
  /** Runs parts 0 … parts−1 of a kernel, the calling thread taking part, and returns when all are finished. */
  readonly run: (kernel: number, parts: number) => void;
  /** Workers that have started so far. */
  readonly ready: () => number;
  readonly close: () => void;
}

export interface PoolOptions {
  readonly workers: number;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly kernels: readonly string[];
  readonly argsAddress: number;
  /** Runs one part on the calling thread. */
  readonly call: (kernel: number, part: number, parts: number) => void;
}

interface Spawned {
  readonly close: () => void;
}

interface NodeWorker {
  readonly unref: () => void;
  readonly on: (event: string, listener: () => void) => void;
  readonly terminate: () => Promise<number>;
}
type NodeWorkerConstructor = new (source: string, options: object) => NodeWorker;

/** Looks at the shared state before a thread goes to sleep, about a millisecond: longer than the program takes between two kernels. */
const spins = 200_000;
/** Where nobody tells of a worker that died, as in a browser. */
const lostAfterMs = 30_000;
const longestWaitMs = 1000;

/** Starts the workers; those that do not start leave their share to the others. */
function spawn(workers: number, data: object): Spawned {
  const threads = nodeBuiltin<{ readonly Worker: NodeWorkerConstructor }>('node:worker_threads');
  if (threads !== undefined) {
    const workerData = { source: workerSource, workers, data };
    const watcher = new threads.Worker(watcherSource, { eval: true, workerData, execArgv: [], name: 'backend-wasm' });
    watcher.on('error', () => {});
    watcher.unref();
    return { close: () => void watcher.terminate() };
  }
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  const started = Array.from({ length: workers }, (_, index) => {
    const worker = new Worker(url, { type: 'module', name: 'backend-wasm' });
    worker.addEventListener('error', (event) => event.preventDefault());
    worker.postMessage({ ...data, index }, { transfer: [] });
    return worker;
  });
  return {
    close: () => {
      for (const worker of started) worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

/** Starts the workers at once; runs before they are up are done by the calling thread alone, with the same results. */
export function createPool({ workers, module, memory, kernels, argsAddress, call }: PoolOptions): Pool {
  const buffer = new SharedArrayBuffer(4 * (control.holding + 16 * workers));
  const c = new Int32Array(buffer);
  const blocking = mayBlock();
  let spawned: Spawned | undefined;
  try {
    spawned = spawn(workers, { module, memory, buffer, kernels, argsAddress, spins });
  } catch {
    // A page whose policy forbids workers still computes, on one thread.
  }

  const lost = (kernel: number, how: string): BackendWasmError =>
    new BackendWasmError(
      'worker-lost',
      `A worker thread took a part of kernel ${kernels[kernel]} and ${how}, so that the result is lost; repeat the work, and create the ` +
        'engine with { threads: 1 } if it happens again.',
    );

  const isHeld = (generation: number): boolean =>
    Array.from({ length: workers }, (_, index) => Atomics.load(c, control.holding + 16 * index)).includes(generation);

  const close = (): void => {
    Atomics.store(c, control.closed, 1);
    Atomics.add(c, control.generation, 1);
    Atomics.notify(c, control.generation);
    spawned?.close();
  };

  /** Waits until the parts that workers took are finished. */
  const settle = (kernel: number, parts: number, generation: number): void => {
    for (let i = 0; i < spins; i++) if (Atomics.load(c, control.done) === parts) return;
    let done = Atomics.load(c, control.done);
    let last = performance.now();
    let idle = 0;
    while (done !== parts) {
      if (blocking) {
        Atomics.store(c, control.waiting, 1);
        Atomics.wait(c, control.done, done, longestWaitMs);
        Atomics.store(c, control.waiting, 0);
      }
      // In this order: what is not held any more by then has been counted.
      const died = Atomics.load(c, control.lost) === generation && !isHeld(generation);
      const now = Atomics.load(c, control.done);
      if (now === parts) return;
      if (died) throw lost(kernel, 'died');
      const time = performance.now();
      // A process that was stopped for a while has not waited for its workers, which stood still as well.
      idle = now === done ? idle + Math.min(time - last, longestWaitMs) : 0;
      if (idle > lostAfterMs) {
        close();
        throw lost(kernel, `did not finish it within ${lostAfterMs / 1000} s`);
      }
      last = time;
      done = now;
    }
  };

  const run = (kernel: number, parts: number): void => {
    if (parts > maxParts) {
      throw new BackendWasmError('invalid-argument', `A run has at most ${maxParts} parts, got ${parts}.`);
    }
    const generation = (c[control.generation]! + 1) | 0;
    // First of all nothing is left to take: a worker that is late would take the next part of the run before, if this one has more.
    Atomics.store(c, control.ticket, (generation << 10) | maxParts);
    Atomics.store(c, control.kernel, kernel);
    Atomics.store(c, control.parts, parts);
    Atomics.store(c, control.done, 0);
    Atomics.store(c, control.failed, 0);
    Atomics.store(c, control.ticket, generation << 10);
    Atomics.store(c, control.generation, generation);
    if (Atomics.load(c, control.sleepers) > 0) Atomics.notify(c, control.generation);
    let failure: unknown;
    for (;;) {
      const ticket = Atomics.load(c, control.ticket);
      const part = ticket & maxParts;
      if (part >= parts) break;
      if (Atomics.compareExchange(c, control.ticket, ticket, ticket + 1) !== ticket) continue;
      try {
        call(kernel, part, parts);
      } catch (error) {
        failure = error;
      }
      Atomics.add(c, control.done, 1);
    }
    settle(kernel, parts, generation);
    if (failure !== undefined) throw failure;
    if (Atomics.load(c, control.failed) === 1) {
      const letters = c.slice(control.messageLength + 1, control.messageLength + 1 + c[control.messageLength]!);
      throw new BackendWasmError('kernel-failed', `Kernel ${kernels[kernel]} failed on a worker: ${String.fromCharCode(...letters)}`);
    }
  };

  return { run, ready: () => Atomics.load(c, control.ready), close };
}
