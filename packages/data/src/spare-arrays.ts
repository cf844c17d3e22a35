import type { RenderedBatch } from './render-batch.ts';

/** The memory of batches that are done with: a set of buffers by view for each of them. */
export interface SpareArrays {
  readonly give: (batch: RenderedBatch) => void;
  /** What to render into, or nothing when new memory is needed. */
  readonly take: () => readonly ArrayBuffer[];
}

/** Keeps what it is given when `reuse` is true. */
export function spareArrays(reuse: boolean): SpareArrays {
  const sets: ArrayBuffer[][] = [];
  return {
    give: ({ rendered }) => {
      if (reuse) sets.push(rendered.map(({ data }) => data.buffer as ArrayBuffer));
    },
    take: () => sets.pop() ?? [],
  };
}
