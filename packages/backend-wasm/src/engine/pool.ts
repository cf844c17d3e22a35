import { BackendWasmError } from '../error.ts';
import type { Order, Touches } from './order.ts';
import { mayBlock, nodeBuiltin } from './platform.ts';
import {
  argsBytes, closedTicket, control, inSlot, maxParts, openTicket, ringSize, slotOf, takenOf, together, watcherSource, workerSource,
} from './worker-source.ts';

/**
 * Worker threads that share the engine's memory. A run begins when those before it are finished with which it shares a place that either of
 * them writes, or of which that is not known; while the workers are at it, the calling thread prepares the next ones.
 */
export interface Pool {
  /**
   * Hands over a run of parts 0 … parts−1 of a kernel, after a share of the runs before it when many wait.
   * @throws BackendWasmError what went wrong in a run before; then this one was not started
   */
  readonly start: (kernel: number, args: readonly number[], parts: number, touches: Touches | undefined) => void;
  /** Takes part in what is under way until it is finished, and throws what went wrong in it. */
  readonly finish: () => void;
  /** As `finish`, up to the last run that writes some of these bytes of the heap, or reads them if `reading` counts as well. */
  readonly finishPlace: (address: number, bytes: number, reading: boolean) => void;
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
  /** Which runs wait for which; nobody else adds to it. */
  readonly order: Order;
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
/** Runs under way from which on the calling thread takes part in them before it prepares another. */
const ahead = 20;
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
export function createPool({ workers, module, memory, kernels, argsAddress, order, call }: PoolOptions): Pool {
  const buffer = new SharedArrayBuffer(4 * (control.holding + 16 * workers));
  const c = new Int32Array(buffer);
  const argsOf = new Int32Array(memory.buffer, argsAddress, (ringSize * argsBytes) / 4);
  const blocking = mayBlock();
  let spawned: Spawned | undefined;
  try {
    spawned = spawn(workers, { module, memory, buffer, kernels, argsAddress, spins, workers });
  } catch {
    // A page whose policy forbids workers still computes, on one thread.
  }

  let published = 0;
  let failure: unknown;
  const finished = (): number => Atomics.load(c, control.finished);
  /** The oldest run that is not finished, if it has been started. */
  const nextRun = (): number => (finished() + 1) | 0;
  const reaches = (last: number, run: number): boolean => ((last - run) | 0) >= 0;
  const hasFinished = (run: number): boolean => reaches(finished(), run);

  const isDone = (run: number): boolean => Atomics.load(c, slotOf(run) + inSlot.done) === c[slotOf(run) + inSlot.parts];

  /** All parts of a run are done: tells the others, and counts it as finished when those before it are. */
  const end = (): void => {
    Atomics.add(c, control.ended, 1);
    for (let run = nextRun(); reaches(published, run) && isDone(run); run = nextRun()) Atomics.compareExchange(c, control.finished, (run - 1) | 0, run);
    if (Atomics.load(c, control.waiting) === 0) return;
    Atomics.notify(c, control.ended);
    Atomics.notify(c, control.finished);
  };

  const close = (): void => {
    Atomics.store(c, control.closed, 1);
    Atomics.notify(c, control.published);
    Atomics.notify(c, control.ended);
    spawned?.close();
  };

  /** Whether the runs are done that a run waits for, of those after the last finished one. */
  const mayBegin = (run: number, last: number): boolean => {
    let waits = c[slotOf(run) + inSlot.waits]!;
    for (let before = (run - 1) | 0; before !== last; before = (before - 1) | 0, waits >>= 1) {
      if ((waits & 1) === 1 && !isDone(before)) return false;
    }
    return true;
  };

  /** Does one part of the oldest run that has one left and may begin; whether there was one. */
  const takePart = (): boolean => {
    const last = finished();
    for (let i = 1; i <= together && reaches(published, (last + i) | 0); i++) {
      const run = (last + i) | 0;
      const slot = slotOf(run);
      const [kernel, parts] = [c[slot + inSlot.kernel]!, c[slot + inSlot.parts]!];
      for (let ticket = Atomics.load(c, slot); takenOf(ticket) < parts && mayBegin(run, last); ticket = Atomics.load(c, slot)) {
        if (Atomics.compareExchange(c, slot, ticket, ticket + 1) !== ticket) continue;
        try {
          call(kernel, argsAddress + argsBytes * (run & (ringSize - 1)), ticket & maxParts, parts);
        } catch (error) {
          failure ??= error;
        }
        if (Atomics.add(c, slot + inSlot.done, 1) + 1 === parts) end();
        return true;
      }
    }
    return false;
  };

  const isHeld = (run: number): boolean =>
    Array.from({ length: workers }, (_, index) => Atomics.load(c, control.holding + 16 * index)).includes(run);

  /** Whether a worker died that held a part of a run; what is not held any more has been counted when that is looked up. */
  const isLost = (run: number): boolean => Atomics.load(c, control.lost) === run && !isHeld(run) && !hasFinished(run);

  /** Gives up the parts of a run that its workers will not finish. */
  const giveUp = (run: number, how: string): void => {
    failure ??= new BackendWasmError(
      'worker-lost',
      `A worker thread took a part of kernel ${kernels[c[slotOf(run) + inSlot.kernel]!]} and ${how}, so that the result is lost; repeat the work, and ` +
        'create the engine with { threads: 1 } if it happens again.',
    );
    Atomics.store(c, slotOf(run) + inSlot.done, c[slotOf(run) + inSlot.parts]!);
    end();
  };

  /** Waits until the parts of a run that workers took are finished. */
  const settle = (run: number): void => {
    for (let i = 0; i < spins; i++) if (hasFinished(run)) return;
    let last = performance.now();
    let idle = 0;
    for (;;) {
      const [before, done] = [finished(), Atomics.load(c, slotOf(run) + inSlot.done)];
      if (reaches(before, run)) return; // nothing would ever change what is waited for
      if (isLost(run)) return giveUp(run, 'died');
      if (blocking) {
        Atomics.add(c, control.waiting, 1);
        Atomics.wait(c, control.finished, before, longestWaitMs);
        Atomics.sub(c, control.waiting, 1);
      }
      const time = performance.now();
      // A process that was stopped for a while has not waited for its workers, which stood still as well.
      idle = Atomics.load(c, slotOf(run) + inSlot.done) === done ? idle + Math.min(time - last, longestWaitMs) : 0;
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

  const start = (kernel: number, args: readonly number[], parts: number, touches: Touches | undefined): void => {
    if (parts > maxParts) {
      throw new BackendWasmError('invalid-argument', `A run has at most ${maxParts} parts, got ${parts}.`);
    }
    const run = (published + 1) | 0;
    while (((run - nextRun()) | 0) >= ahead && takePart());
    const oldest = nextRun();
    if (((run - oldest) | 0) >= ahead && isLost(oldest)) giveUp(oldest, 'died');
    settle((run - ringSize) | 0); // what was in the slot before
    raise();
    const slot = slotOf(run);
    // First of all nothing is left to take: a worker that is late would take the next part of the run before, if this one has more.
    Atomics.store(c, slot, closedTicket(run));
    Atomics.store(c, slot + inSlot.kernel, kernel);
    Atomics.store(c, slot + inSlot.parts, parts);
    Atomics.store(c, slot + inSlot.waits, order.add(run, touches));
    Atomics.store(c, slot + inSlot.done, 0);
    argsOf.set(args, (argsBytes / 4) * (run & (ringSize - 1)));
    Atomics.store(c, control.pages, memory.buffer.byteLength / 65_536);
    Atomics.store(c, slot, openTicket(run));
    published = run;
    Atomics.store(c, control.published, run);
    if (Atomics.load(c, control.sleepers) > 0) Atomics.notify(c, control.published);
  };

  /** Takes part until a run is finished. */
  const finishRun = (run: number): void => {
    for (let oldest = nextRun(); reaches(run, oldest); oldest = nextRun()) if (!takePart()) settle(oldest);
    raise();
  };

  const finishPlace = (address: number, bytes: number, reading: boolean): void => {
    const last = finished();
    let run = published;
    while (run !== last && !order.touches(run, address, bytes, reading)) run = (run - 1) | 0;
    finishRun(run);
  };

  return { start, finish: () => finishRun(published), finishPlace, idle: () => hasFinished(published), ready: () => Atomics.load(c, control.ready), close };
}
