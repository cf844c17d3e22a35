import { BackendWasmError } from '../error.ts';
import { mayBlock, nodeBuiltin } from './platform.ts';
import { control, maxParts, workerSource } from './worker-source.ts';

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

const workerSpins = 20_000;
const mainSpins = 20_000;
const lostAfterMs = 60_000;

/** Starts one worker in Node or in a browser; one that fails to start leaves its share to the other threads. */
function spawn(data: object): Spawned {
  const threads = nodeBuiltin<{ readonly Worker: NodeWorkerConstructor }>('node:worker_threads');
  if (threads !== undefined) {
    const worker = new threads.Worker(workerSource, { eval: true, workerData: data, execArgv: [], name: 'backend-wasm' });
    worker.on('error', () => {});
    worker.unref();
    return { close: () => void worker.terminate() };
  }
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }));
  const worker = new Worker(url, { type: 'module', name: 'backend-wasm' });
  worker.addEventListener('error', (event) => event.preventDefault());
  worker.postMessage(data, { transfer: [] });
  return {
    close: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

/** Starts the workers at once; runs before they are up are done by the calling thread alone, with the same results. */
export function createPool({ workers, module, memory, kernels, argsAddress, call }: PoolOptions): Pool {
  const buffer = new SharedArrayBuffer(4 * control.length);
  const c = new Int32Array(buffer);
  const blocking = mayBlock();
  const data = { module, memory, buffer, kernels, argsAddress, spins: workerSpins };
  const spawned: Spawned[] = [];
  try {
    for (let i = 0; i < workers; i++) spawned.push(spawn(data));
  } catch {
    // A page whose policy forbids workers still computes, on one thread.
  }

  /** Waits until the parts that workers took are finished. */
  const settle = (kernel: number, parts: number): void => {
    for (let i = 0; i < mainSpins; i++) if (Atomics.load(c, control.done) === parts) return;
    let done = Atomics.load(c, control.done);
    let since = performance.now();
    while (done !== parts) {
      if (blocking) {
        Atomics.store(c, control.waiting, 1);
        Atomics.wait(c, control.done, done, 1000);
        Atomics.store(c, control.waiting, 0);
      }
      const now = Atomics.load(c, control.done);
      if (now !== done) since = performance.now();
      else if (performance.now() - since > lostAfterMs) {
        throw new BackendWasmError(
          'worker-lost',
          `A worker thread took a part of kernel ${kernels[kernel]} and did not finish it within ${lostAfterMs / 1000} s; ` +
            'it was probably killed. Create a new engine, with { threads: 1 } if it happens again.',
        );
      }
      done = now;
    }
  };

  const run = (kernel: number, parts: number): void => {
    if (parts > maxParts) {
      throw new BackendWasmError('invalid-argument', `A run has at most ${maxParts} parts, got ${parts}.`);
    }
    const generation = (c[control.generation]! + 1) | 0;
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
    settle(kernel, parts);
    if (failure !== undefined) throw failure;
    if (Atomics.load(c, control.failed) === 1) {
      const letters = c.slice(control.messageLength + 1, control.messageLength + 1 + c[control.messageLength]!);
      throw new BackendWasmError('kernel-failed', `Kernel ${kernels[kernel]} failed on a worker: ${String.fromCharCode(...letters)}`);
    }
  };

  const close = (): void => {
    Atomics.store(c, control.closed, 1);
    Atomics.add(c, control.generation, 1);
    Atomics.notify(c, control.generation);
    for (const worker of spawned) worker.close();
  };

  return { run, ready: () => Atomics.load(c, control.ready), close };
}
