import { BackendWasmError } from '../error.ts';
import { mayBlock, nodeBuiltin } from './platform.ts';
import { argsBytes, control, maxParts, ringSize, slotOf, watcherSource, workerSource } from './worker-source.ts';

/**
 * Worker threads that share the engine's memory. Runs are done in the order in which they were started; while the workers are at
 * it, the calling thread prepares the next ones.
 */
export interface Pool {
  /**
   * Hands over a run of parts 0 … parts−1 of a kernel, after a share of the runs before it when many wait.
   * @throws BackendWasmError what went wrong in a run before; then this one was not started
   */
  readonly start: (kernel: number, args: readonly number[], parts: number) => void;
  /** Takes part in what is under way until it is finished, and throws what went wrong in it. */
  readonly finish: () => void;
  /** Whether all runs are finished. */
  readonly idle: () => boolean;
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
  /** Runs one part on the calling thread; its arguments stand at `args`. */
  readonly call: (kernel: number, args: number, part: number, parts: number) => void;
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
/** Runs under way from which on the calling thread takes part in the oldest before it prepares another. */
const ahead = 8;
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
  const argsOf = new Int32Array(memory.buffer, argsAddress, (ringSize * argsBytes) / 4);
  const blocking = mayBlock();
  let spawned: Spawned | undefined;
  try {
    spawned = spawn(workers, { module, memory, buffer, kernels, argsAddress, spins });
  } catch {
    // A page whose policy forbids workers still computes, on one thread.
  }

  let published = 0;
  let failure: unknown;
  const finished = (): number => Atomics.load(c, control.finished);
  /** The run of which parts may be taken, if it has been started. */
  const nextRun = (): number => (finished() + 1) | 0;
  const reaches = (last: number, run: number): boolean => ((last - run) | 0) >= 0;
  const hasFinished = (run: number): boolean => reaches(finished(), run);

  const end = (run: number): void => {
    Atomics.store(c, control.done, 0);
    Atomics.store(c, control.finished, run);
    if (Atomics.load(c, control.waiting) > 0) Atomics.notify(c, control.finished);
  };

  const close = (): void => {
    Atomics.store(c, control.closed, 1);
    Atomics.notify(c, control.published);
    Atomics.notify(c, control.finished);
    spawned?.close();
  };

  /** Takes parts of a run, those before it being finished, until none is left. */
  const help = (run: number): void => {
    const slot = slotOf(run);
    const args = argsAddress + argsBytes * (run & (ringSize - 1));
    const [kernel, parts] = [c[slot + 1]!, c[slot + 2]!];
    for (;;) {
      const ticket = Atomics.load(c, slot);
      const part = ticket & maxParts;
      if (part >= parts) return;
      if (Atomics.compareExchange(c, slot, ticket, ticket + 1) !== ticket) continue;
      try {
        call(kernel, args, part, parts);
      } catch (error) {
        failure ??= error;
      }
      if (Atomics.add(c, control.done, 1) + 1 === parts) end(run);
    }
  };

  const isHeld = (run: number): boolean =>
    Array.from({ length: workers }, (_, index) => Atomics.load(c, control.holding + 16 * index)).includes(run);

  /** Whether a worker died that held a part of a run; what is not held any more has been counted when that is looked up. */
  const isLost = (run: number): boolean => Atomics.load(c, control.lost) === run && !isHeld(run) && !hasFinished(run);

  /** Gives up the parts of a run that its workers will not finish. */
  const giveUp = (run: number, how: string): void => {
    failure ??= new BackendWasmError(
      'worker-lost',
      `A worker thread took a part of kernel ${kernels[c[slotOf(run) + 1]!]} and ${how}, so that the result is lost; repeat the work, and ` +
        'create the engine with { threads: 1 } if it happens again.',
    );
    end(run);
  };

  /** Waits until the parts of a run that workers took are finished. */
  const settle = (run: number): void => {
    for (let i = 0; i < spins; i++) if (hasFinished(run)) return;
    let last = performance.now();
    let idle = 0;
    for (;;) {
      const [before, done] = [finished(), Atomics.load(c, control.done)];
      if (reaches(before, run)) return; // nothing would ever change what is waited for
      if (isLost(run)) return giveUp(run, 'died');
      if (blocking) {
        Atomics.add(c, control.waiting, 1);
        Atomics.wait(c, control.finished, before, longestWaitMs);
        Atomics.sub(c, control.waiting, 1);
      }
      const time = performance.now();
      // A process that was stopped for a while has not waited for its workers, which stood still as well.
      idle = Atomics.load(c, control.done) === done ? idle + Math.min(time - last, longestWaitMs) : 0;
      if (idle > lostAfterMs) {
        close();
        return giveUp(run, `did not finish it within ${lostAfterMs / 1000} s`);
      }
      last = time;
    }
  };

  /** Throws what went wrong since it was last asked. */
  const raise = (): void => {
    const failed = Atomics.exchange(c, control.failed, 0);
    if (failed !== 0) {
      const letters = c.slice(control.messageLength + 1, control.messageLength + 1 + c[control.messageLength]!);
      failure ??= new BackendWasmError('kernel-failed', `Kernel ${kernels[failed - 1]} failed on a worker: ${String.fromCharCode(...letters)}`);
    }
    if (failure === undefined) return;
    const error = failure;
    failure = undefined;
    throw error;
  };

  const start = (kernel: number, args: readonly number[], parts: number): void => {
    if (parts > maxParts) {
      throw new BackendWasmError('invalid-argument', `A run has at most ${maxParts} parts, got ${parts}.`);
    }
    const run = (published + 1) | 0;
    const oldest = nextRun();
    if (((run - oldest) | 0) >= ahead) {
      help(oldest);
      if (isLost(oldest)) giveUp(oldest, 'died');
    }
    settle((run - ringSize) | 0); // what was in the slot before
    raise();
    const slot = slotOf(run);
    // First of all nothing is left to take: a worker that is late would take the next part of the run before, if this one has more.
    Atomics.store(c, slot, (run << 10) | maxParts);
    Atomics.store(c, slot + 1, kernel);
    Atomics.store(c, slot + 2, parts);
    argsOf.set(args, (argsBytes / 4) * (run & (ringSize - 1)));
    Atomics.store(c, slot, run << 10);
    published = run;
    Atomics.store(c, control.published, run);
    if (Atomics.load(c, control.sleepers) > 0) Atomics.notify(c, control.published);
  };

  const finish = (): void => {
    for (let oldest = nextRun(); ((published - oldest) | 0) >= 0; oldest = nextRun()) {
      help(oldest);
      settle(oldest);
    }
    raise();
  };

  return { start, finish, idle: () => hasFinished(published), ready: () => Atomics.load(c, control.ready), close };
}
