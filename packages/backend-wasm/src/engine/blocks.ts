import type { Engine } from './engine.ts';
import { maxParts } from './worker-source.ts';

/** Sizes of the blocks in which a matrix product [m, k]·[k, n] goes through the caches, and its scratch. */
export interface Blocks {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

const maxRows = 48; // whole register blocks of 4 and of 6 rows; with the depth, a block of A for a fifth of an L2 of 512 KiB
const maxColumns = 512;
const maxDepth = 512; // a panel of B (8 columns) takes 16 KiB of L1, and C is fetched half as often as with 256

export const divideUp = (a: number, b: number): number => Math.ceil(a / b);
export const roundUp = (a: number, to: number): number => divideUp(a, to) * to;

/** Blocks of at most the sizes above, evened out so that every part gets the same number of them where that is possible. */
export function chooseBlocks(m: number, n: number, k: number, parts: number): Blocks {
  const columns = Math.min(roundUp(n, 8), maxColumns);
  const count = divideUp(m, maxRows) * divideUp(n, columns) < 4 * parts ? roundUp(divideUp(m, maxRows), parts) : divideUp(m, maxRows);
  const rows = Math.min(maxRows, roundUp(divideUp(m, count), 12));
  return { rows, columns, depth: k === 0 ? 1 : divideUp(k, divideUp(k, maxDepth)) };
}

/** Into how many parts `flops` operations are worth splitting. */
export function partsFor(engine: Engine, flops: number): number {
  return flops < 500_000 ? 1 : engine.threads;
}

/** Into how many parts `items` are split: several for each thread, so that one that is held up leaves more to the others. */
export function sharesOf(items: number, threads: number, perThread = 12): number {
  return threads === 1 ? 1 : Math.max(1, Math.min(items, perThread * threads, maxParts));
}

/** Shares for each thread of what is written in steps: threads stay apart from each other for longer. */
export const largeShares = 2;

export interface Tapered {
  /** Items that are parts of their own; each of those between their halves is split into `pieces`. */
  readonly whole: number;
  readonly pieces: number;
  readonly parts: number;
}

/** Parts for `items` that are few and large: those that are begun last are split, so that no thread waits long for another in the end. */
export function tapered(items: number, pieces: number, threads: number): Tapered {
  const whole = threads === 1 ? items : Math.max(0, items - threads);
  return { whole, pieces, parts: whole + pieces * (items - whole) };
}

/** Calls `use` with the address of `bytes` bytes, which are freed afterwards. */
export function withScratch<Result>(engine: Engine, bytes: number, use: (address: number) => Result): Result {
  const address = engine.alloc(bytes);
  try {
    return use(address);
  } finally {
    engine.free(address);
  }
}

/** Bytes, rounded so that what follows begins on a cache line of its own. */
export const lines = (bytes: number): number => roundUp(bytes, 64);

/**
 * Bytes from the scratch of one thread to the next thread's: twice as many as it needs are left free behind it. A core that writes in steps fetches
 * what follows as far ahead as it went, and would take it from the thread that works there (docs/decisions/0023-threads-keep-their-distance.md).
 */
export const apart = (bytes: number): number => lines(3 * bytes);
