/**
 * Places in the Int32Array over which the threads agree; the busy ones stand on cache lines of their own. Runs are numbered
 * from 1 and handed over in a ring of `ringSize` slots. A run begins when those are finished whose results it needs.
 */
export const control = {
  published: 0, // number of the last run handed over; idle workers wake when it changes
  finished: 16, // number of the last run that is finished, as are all before it
  ended: 32, // counts the runs that end, in whatever order
  sleepers: 48, // workers that sleep until `published` changes
  waiting: 64, // threads that sleep until `finished` or `ended` changes
  failed: 80, // 1 + the kernel that trapped on a worker, until the calling thread has read it
  closed: 81, // 1 tells the workers to end
  ready: 82, // workers that started
  lost: 83, // the run in which a worker died while it held a part
  pages: 84, // of the memory, of 64 KiB
  messageLength: 85, // letters of the trap's message, which follow it
  slots: 384, // from here on 16 places for each slot of the ring
  holding: 1408, // from here on 16 places for each worker: the run of which it holds a part that is not counted as done, or 0
} as const;

/** Places in a slot. */
export const inSlot = {
  ticket: 0, // which parts are taken, and of which run: see `openTicket`
  kernel: 1,
  parts: 2,
  waits: 3, // bit i: whether it has to wait for the run i + 1 before it, of those that can be under way together
  done: 4, // finished parts
} as const;

const ringBits = 6;
/** Runs that can be handed over and not finished. */
export const ringSize: number = 1 << ringBits;

/** Where the slot of a run begins. */
export const slotOf = (run: number): number => control.slots + 16 * (run & (ringSize - 1));

/** Of how many runs after the last finished one parts may be taken; at most 32. */
export const together = 8;

/** Bytes of a run's arguments; those of a slot stand at `argsAddress` plus so many bytes for each slot before it. */
export const argsBytes = 128;

/** Most parts that one run can have. */
export const maxParts = 1023;

/**
 * Half of the threads take the parts of a run from the first on, the others from the last on, so that each of them works on the same stretch of the
 * images from kernel to kernel, which its own caches still hold (docs/decisions/0025-threads-keep-their-images.md). A ticket counts both: the parts
 * taken from the front in its lowest ten bits, those from the back in the next ten, above the run's round through the ring.
 */
export const openTicket = (run: number): number => (run >> ringBits) << 20;

/** The ticket of a run while none of its parts may be taken. */
export const closedTicket = (run: number): number => openTicket(run) | maxParts;

/** The parts of a run that are taken, from the front and from the back. */
export const takenOf = (ticket: number): number => (ticket & maxParts) + ((ticket >> 10) & maxParts);

/**
 * The program of one worker. Parts are taken by compare-and-swap on a ticket that names its run, so that a worker
 * that comes late, or never, takes nothing and holds nobody up; which thread runs a part has no effect on its result.
 */
export const workerSource: string = `
const builtin = globalThis.process && globalThis.process.getBuiltinModule;
const node = builtin && builtin('node:worker_threads');
const start = ({ module, memory, buffer, kernels, argsAddress, spins, workers, index }) => {
  const c = new Int32Array(buffer);
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  const table = kernels.map((name) => instance.exports[name]);
  const holding = ${control.holding} + 16 * index;
  const fromBack = 2 * (index + 1) > workers;
  let known = 0;
  // V8 tells a thread of a memory that grew when it next looks, and until then memory.fill and memory.copy trap beyond its old end (v8/v8 3424101).
  const noticeGrowth = () => {
    const pages = Atomics.load(c, ${control.pages});
    if (pages === known) return;
    memory.grow(0);
    known = pages;
  };
  const fail = (kernel, error) => {
    const [place] = /wasm-function\\[\\d+\\]:0x[0-9a-f]+/.exec(String(error.stack)) || ['an unknown place'];
    const text = (error + ' at ' + place + ', with a memory of ' + memory.buffer.byteLength + ' bytes').slice(0, ${control.slots - control.messageLength - 1});
    for (let i = 0; i < text.length; i++) c[${control.messageLength} + 1 + i] = text.charCodeAt(i);
    c[${control.messageLength}] = text.length;
    Atomics.store(c, ${control.failed}, 1 + kernel);
  };
  const slotOf = (run) => ${control.slots} + 16 * (run & ${ringSize - 1});
  const reaches = (last, run) => ((last - run) | 0) >= 0;
  const isDone = (run) => Atomics.load(c, slotOf(run) + ${inSlot.done}) === Atomics.load(c, slotOf(run) + ${inSlot.parts});
  const end = () => {
    Atomics.add(c, ${control.ended}, 1);
    for (;;) {
      const finished = Atomics.load(c, ${control.finished});
      const next = (finished + 1) | 0;
      if (!reaches(Atomics.load(c, ${control.published}), next) || !isDone(next)) break;
      Atomics.compareExchange(c, ${control.finished}, finished, next);
    }
    if (Atomics.load(c, ${control.waiting}) === 0) return;
    Atomics.notify(c, ${control.ended});
    Atomics.notify(c, ${control.finished});
  };
  const mayBegin = (run, finished, waits) => {
    for (let before = (run - 1) | 0; before !== finished; before = (before - 1) | 0, waits >>= 1) {
      if ((waits & 1) === 1 && !isDone(before)) return false;
    }
    return true;
  };
  const takePart = (run, finished) => {
    const slot = slotOf(run);
    for (;;) {
      const ticket = Atomics.load(c, slot);
      const [front, back] = [ticket & ${maxParts}, (ticket >> 10) & ${maxParts}];
      const kernel = Atomics.load(c, slot + ${inSlot.kernel});
      const parts = Atomics.load(c, slot + ${inSlot.parts});
      if (ticket >> 20 !== ((run >> ${ringBits}) << 20) >> 20 || front + back >= parts || !mayBegin(run, finished, Atomics.load(c, slot + ${inSlot.waits}))) return false;
      Atomics.store(c, holding, run);
      if (Atomics.compareExchange(c, slot, ticket, ticket + (fromBack ? ${maxParts + 1} : 1)) !== ticket) continue;
      noticeGrowth();
      try {
        table[kernel](argsAddress + ${argsBytes} * (run & ${ringSize - 1}), fromBack ? parts - 1 - back : front, parts, parts === 1 ? 0 : index + 1);
      } catch (error) {
        fail(kernel, error);
      }
      if (Atomics.add(c, slot + ${inSlot.done}, 1) + 1 === parts) end();
      Atomics.store(c, holding, 0);
      return true;
    }
  };
  const takeOldest = (finished, published) => {
    for (let i = 1; i <= ${together} && reaches(published, (finished + i) | 0); i++) if (takePart((finished + i) | 0, finished)) return true;
    Atomics.store(c, holding, 0);
    return false;
  };
  const untilChanged = (ended, published, idle) => {
    for (let i = 0; i < spins; i++) if (Atomics.load(c, ${control.ended}) !== ended || Atomics.load(c, ${control.published}) !== published) return;
    const sleeping = idle ? ${control.sleepers} : ${control.waiting};
    Atomics.add(c, sleeping, 1);
    Atomics.wait(c, idle ? ${control.published} : ${control.ended}, idle ? published : ended);
    Atomics.sub(c, sleeping, 1);
  };
  Atomics.add(c, ${control.ready}, 1);
  while (Atomics.load(c, ${control.closed}) === 0) {
    const ended = Atomics.load(c, ${control.ended});
    const finished = Atomics.load(c, ${control.finished});
    const published = Atomics.load(c, ${control.published});
    if (!takeOldest(finished, published)) untilChanged(ended, published, published === finished);
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
