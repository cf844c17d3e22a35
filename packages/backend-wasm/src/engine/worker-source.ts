/** Slots of the Int32Array over which the threads agree; the busy ones stand on cache lines of their own. */
export const control = {
  generation: 0, // counts the runs; workers wake when it changes
  ticket: 16, // (generation << 10) | next part to take
  done: 32, // parts finished in this run
  sleepers: 48, // workers inside Atomics.wait
  waiting: 64, // 1 while the main thread sleeps until `done` changes
  kernel: 80,
  parts: 81,
  failed: 82, // 1 once a worker's kernel trapped
  closed: 83, // 1 tells the workers to end
  ready: 84, // workers that started
  lost: 85, // the run in which a worker died while it held a part
  messageLength: 86, // letters of the trap's message, which follow it
  holding: 512, // from here on 16 slots for each worker: the run of which it holds a part that is not counted as done, or 0
} as const;

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
  const fail = (error) => {
    const text = String(error).slice(0, ${control.holding - control.messageLength - 1});
    for (let i = 0; i < text.length; i++) c[${control.messageLength} + 1 + i] = text.charCodeAt(i);
    c[${control.messageLength}] = text.length;
    Atomics.store(c, ${control.failed}, 1);
  };
  const work = (generation) => {
    for (;;) {
      const ticket = Atomics.load(c, ${control.ticket});
      const part = ticket & ${maxParts};
      const parts = Atomics.load(c, ${control.parts});
      const kernel = Atomics.load(c, ${control.kernel});
      if ((ticket >> 10) !== ((generation << 10) >> 10) || part >= parts) break;
      Atomics.store(c, holding, generation);
      if (Atomics.compareExchange(c, ${control.ticket}, ticket, ticket + 1) !== ticket) continue;
      try {
        table[kernel](argsAddress, part, parts, index + 1);
      } catch (error) {
        fail(error);
      }
      Atomics.add(c, ${control.done}, 1);
      Atomics.store(c, holding, 0);
      if (Atomics.load(c, ${control.waiting}) === 1) Atomics.notify(c, ${control.done});
    }
    Atomics.store(c, holding, 0);
  };
  let seen = 0;
  Atomics.add(c, ${control.ready}, 1);
  while (Atomics.load(c, ${control.closed}) === 0) {
    let generation = Atomics.load(c, ${control.generation});
    for (let i = 0; generation === seen && i < spins; i++) generation = Atomics.load(c, ${control.generation});
    if (generation === seen) {
      Atomics.add(c, ${control.sleepers}, 1);
      Atomics.wait(c, ${control.generation}, seen);
      Atomics.sub(c, ${control.sleepers}, 1);
      continue;
    }
    seen = generation;
    work(generation);
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
    Atomics.notify(c, ${control.done});
  });
};
try {
  for (let index = 0; index < workers; index++) start(index);
} catch {}
`;
