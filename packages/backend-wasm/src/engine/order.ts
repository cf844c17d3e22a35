import { ringSize, together } from './worker-source.ts';

/** A block of the heap by its address, or so many bytes from an address on; address 0 stands for nothing. */
export type Place = number | readonly [address: number, bytes: number];

/** All that a run reads and writes. */
export interface Touches {
  readonly reads?: readonly Place[];
  readonly writes?: readonly Place[];
}

/** Which runs have to wait for which, by the places in the heap that they read and write. */
export interface Order {
  /** Notes a run, of which all before it are noted; bit i of the answer is set when it has to wait for the one i + 1 before it. */
  readonly add: (run: number, touches: Touches | undefined) => number;
  /** Whether a run, one of the last `ringSize`, writes some of the bytes, or reads them if `reading` counts as well. */
  readonly touches: (run: number, address: number, bytes: number, reading: boolean) => boolean;
}

/** Starts and ends of places, one after the other. */
interface Ranges {
  readonly reads: readonly number[];
  readonly writes: readonly number[];
}

function overlap(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i += 2) {
    for (let j = 0; j < b.length; j += 2) if (a[i]! < b[j + 1]! && b[j]! < a[i + 1]!) return true;
  }
  return false;
}

/** @param sizeOf the bytes of the block that begins at an address, if one does */
export function createOrder(sizeOf: (address: number) => number | undefined): Order {
  /** Of the last runs; undefined where nothing is known, so that everybody waits for that run and it for everybody. */
  const ring = Array.from({ length: ringSize }, (): Ranges | undefined => undefined);
  const of = (run: number): Ranges | undefined => ring[run & (ringSize - 1)];

  const rangesOf = (places: readonly Place[]): number[] | undefined => {
    const ranges: number[] = [];
    for (const place of places) {
      const [start, bytes] = typeof place === 'number' ? [place, sizeOf(place)] : place;
      if (start === 0) continue;
      if (bytes === undefined) return undefined;
      ranges.push(start, start + bytes);
    }
    return ranges;
  };

  const add = (run: number, touches: Touches | undefined): number => {
    const [reads, writes] = [touches && rangesOf(touches.reads ?? []), touches && rangesOf(touches.writes ?? [])];
    const own = reads && writes && { reads, writes };
    ring[run & (ringSize - 1)] = own;
    if (own === undefined) return -1;
    let waits = 0;
    for (let before = 1; before < together; before++) {
      const other = of((run - before) | 0);
      const apart = other !== undefined && !overlap(own.writes, other.writes) && !overlap(own.writes, other.reads) && !overlap(own.reads, other.writes);
      if (!apart) waits |= 1 << (before - 1);
    }
    return waits;
  };

  const touches = (run: number, address: number, bytes: number, reading: boolean): boolean => {
    const other = of(run);
    const range = [address, address + bytes];
    return other === undefined || overlap(range, other.writes) || (reading && overlap(range, other.reads));
  };

  return { add, touches };
}
