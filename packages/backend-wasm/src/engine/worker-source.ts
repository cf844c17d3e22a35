/**
 * Places in the Int32Array over which the threads agree; the busy ones stand on cache lines of their own. Runs are numbered
 * from 1, are handed over in a ring of `ringSize` slots, and are done one after the other.
 */
export const control = {
  published: 0, // number of the last run handed over; idle workers wake when it changes
  finished: 16, // number of the last run of which all parts are finished
  done: 32, // finished parts of the run after that
  sleepers: 48, // workers that sleep until `published` changes
  waiting: 64, // threads that sleep until `finished` changes
  failed: 80, // 1 + the kernel that trapped on a worker, until the calling thread has read it
  closed: 81, // 1 tells the workers to end
  ready: 82, // workers that started
  lost: 83, // the run in which a worker died while it held a part
  messageLength: 84, // letters of the trap's message, which follow it
  slots: 384, // from here on 16 places for each slot of the ring: its ticket, (run << 10) | next part to take, kernel and parts
  holding: 896, // from here on 16 places for each worker: the run of which it holds a part that is not counted as done, or 0
} as const;

/** Runs that can be under way at once. */
export const ringSize = 32;

/** Where the slot of a run begins. */
export const slotOf = (run: number): number => control.slots + 16 * (run & (ringSize - 1));

/** Bytes of a run's arguments; those of a slot stand at `argsAddress` plus so many bytes for each slot before it. */
export const argsBytes = 128;

/** Most parts that one run can have. */
export const maxParts = 1023;

/**
 * The program of one worker. Parts are taken by compare-and-swap on a ticket that names its run, so that a worker
 * that comes late, or never, takes nothing and holds nobody up; which thread runs a part has no effect on its result.
 */
export const workerSource: string = `
const builtin = globalThis.process && globalThis.process.getBuiltinModule;
const node = builtin && builtin('node:worker_threads');
const start = ({ module, memory, buffer, kernels, argsAddress, spins, index }) => {
  const c = new Int32Array(buffer);
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  const table = kernels.map((name) => instance.exports[name]);
  const holding = ${control.holding} + 16 * index;
  const fail = (kernel, error) => {
    const text = String(error).slice(0, ${control.slots - control.messageLength - 1});
    for (let i = 0; i < text.length; i++) c[${control.messageLength} + 1 + i] = text.charCodeAt(i);
    c[${control.messageLength}] = text.length;
    Atomics.store(c, ${control.failed}, 1 + kernel);
  };
  const work = (run) => {
    const place = run & ${ringSize - 1};
    const slot = ${control.slots} + 16 * place;
    for (;;) {
      const ticket = Atomics.load(c, slot);
      const part = ticket & ${maxParts};
      const kernel = Atomics.load(c, slot + 1);
      const parts = Atomics.load(c, slot + 2);
      if ((ticket >> 10) !== ((run << 10) >> 10) || part >= parts) break;
      Atomics.store(c, holding, run);
      if (Atomics.compareExchange(c, slot, ticket, ticket + 1) !== ticket) continue;
      try {
        table[kernel](argsAddress + ${argsBytes} * place, part, parts, parts === 1 ? 0 : index + 1);
      } catch (error) {
        fail(kernel, error);
      }
      if (Atomics.add(c, ${control.done}, 1) + 1 === parts) {
        Atomics.store(c, ${control.done}, 0);
        Atomics.store(c, ${control.finished}, run);
        if (Atomics.load(c, ${control.waiting}) > 0) Atomics.notify(c, ${control.finished});
      }
      Atomics.store(c, holding, 0);
    }
    Atomics.store(c, holding, 0);
  };
  const untilChanged = (place, seen, sleeping) => {
    for (let i = 0; i < spins; i++) if (Atomics.load(c, place) !== seen) return;
    Atomics.add(c, sleeping, 1);
    Atomics.wait(c, place, seen);
    Atomics.sub(c, sleeping, 1);
  };
  Atomics.add(c, ${control.ready}, 1);
  while (Atomics.load(c, ${control.closed}) === 0) {
    const finished = Atomics.load(c, ${control.finished});
    if (Atomics.load(c, ${control.published}) === finished) {
      untilChanged(${control.published}, finished, ${control.sleepers});
    } else {
      work((finished + 1) | 0);
      untilChanged(${control.finished}, finished, ${control.waiting});
    }
  }
};
if (node) start(node.workerData);
else globalThis.onmessage = (event) => { start(event.data); globalThis.close(); };
`;

/**
 * The program of the thread that starts the workers in Node. The calling thread hears nothing while it waits for a run to
 * end; this one does nothing but listen, and tells when a worker ends that holds a part.
 */
export const watcherSource: string = `
const { Worker, workerData } = process.getBuiltinModule('node:worker_threads');
const { source, workers, data } = workerData;
const c = new Int32Array(data.buffer);
const start = (index) => {
  const worker = new Worker(source, { eval: true, workerData: { ...data, index }, execArgv: [], name: 'backend-wasm' });
  worker.on('error', () => {});
  worker.on('exit', () => {
    const run = Atomics.exchange(c, ${control.holding} + 16 * index, 0);
    if (run === 0) return;
    Atomics.store(c, ${control.lost}, run);
    Atomics.notify(c, ${control.finished});
  });
};
try {
  for (let index = 0; index < workers; index++) start(index);
} catch {}
`;
