import { Worker } from 'node:worker_threads';
import { DataError, reasonOf } from './error.ts';
import type { RenderedBatch } from './render-batch.ts';
import { receiveError, sendJob, type WorkerAnswer, type WorkerJob, type WorkerSetup } from './worker-messages.ts';

/** A job that kills this many threads without one answer between them is given up. */
const MAX_CRASHES = 3;

/** Runs the entry's `renderThread`: so the threads need no entry of their own in the package. */
const PROGRAM = "import(require('node:worker_threads').workerData.entry).then((entry) => entry.renderThread())";

/** Threads that render batches. */
export interface WorkerPool {
  /** `spare` is given away, and forgotten when the thread dies. */
  readonly render: (job: Omit<WorkerJob, 'id'>, spare: readonly ArrayBuffer[]) => Promise<RenderedBatch>;
  readonly close: () => Promise<void>;
}

interface PendingJob {
  readonly job: WorkerJob;
  readonly resolve: (batch: RenderedBatch) => void;
  readonly reject: (error: Error) => void;
}

interface Slot {
  worker: Worker | null;
  /** Since the last answer. */
  crashes: number;
  /** In the order they were asked for. */
  readonly jobs: Map<number, PendingJob>;
}

function failAll(slot: Slot, error: Error): void {
  for (const { reject } of slot.jobs.values()) reject(error);
  slot.jobs.clear();
}

function post(worker: Worker, job: WorkerJob, spare: readonly ArrayBuffer[] = []): void {
  const { message, moved } = sendJob(job, spare);
  worker.postMessage(message, moved);
}

/** A pool of `workers` threads. A thread that dies is replaced, and what it had not answered is done again. */
export function workerPool(setup: WorkerSetup, workers: number): WorkerPool {
  const slots = Array.from({ length: workers }, (): Slot => ({ worker: null, crashes: 0, jobs: new Map() }));
  // Threads inherit Node's flags, but for the one that is only for programs given on the command line. Flags that are named,
  // rather than inherited, must be such as a thread can have of its own.
  const inherited = process.execArgv.some((flag) => flag.startsWith('--input-type')) ? { execArgv: [] } : {};
  let nextId = 0;
  let closed = false;

  const start = (slot: Slot): Worker => {
    const worker = new Worker(PROGRAM, { eval: true, workerData: setup, ...inherited });
    let reason = 'it ended by itself';
    worker.on('message', (message: WorkerAnswer) => {
      const pending = slot.jobs.get(message.id);
      slot.crashes = 0;
      slot.jobs.delete(message.id);
      // An idle thread keeps no process alive, one that is waited for does.
      if (slot.jobs.size === 0 && !closed) worker.unref();
      if ('error' in message) pending?.reject(receiveError(message.error));
      else pending?.resolve(message.batch);
    });
    worker.on('error', (error) => {
      reason = reasonOf(error);
    });
    worker.on('exit', () => {
      slot.worker = null;
      if (closed || slot.jobs.size === 0) return;
      if (++slot.crashes < MAX_CRASHES) {
        slot.worker = start(slot);
        for (const { job } of slot.jobs.values()) post(slot.worker, job);
        return;
      }
      slot.crashes = 0;
      const batch = slot.jobs.values().next().value?.job.indices.join(', ');
      failAll(slot, new DataError('worker-crashed', `A rendering thread died ${MAX_CRASHES} times (${reason}) at the images ${batch}; render them without workers to see why.`));
    });
    return worker;
  };

  // At once, so that they have loaded what they need when the first batch is asked for.
  for (const slot of slots) {
    slot.worker = start(slot);
    slot.worker.unref();
  }

  const render: WorkerPool['render'] = (request, spare) => {
    if (closed) return Promise.reject(new DataError('bad-option', 'These batches were closed; make new ones.'));
    const slot = slots.reduce((least, other) => (other.jobs.size < least.jobs.size ? other : least));
    const job: WorkerJob = { id: nextId++, ...request };
    return new Promise((resolve, reject) => {
      slot.jobs.set(job.id, { job, resolve, reject });
      slot.worker ??= start(slot);
      slot.worker.ref();
      post(slot.worker, job, spare);
    });
  };

  const close = async (): Promise<void> => {
    closed = true;
    for (const slot of slots) failAll(slot, new DataError('bad-option', 'These batches were closed while one was awaited.'));
    // Referenced again: a process that waits for nothing else would end here, before those who await this.
    await Promise.all(slots.map(async ({ worker }) => {
      worker?.ref();
      await worker?.terminate();
    }));
  };
  return { render, close };
}
