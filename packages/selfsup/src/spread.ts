import { effectiveRank, outputStd } from '@selfsup/eval';
import type { Features } from '@selfsup/eval';

/** How features fill their space. */
export interface Spread {
  /** √d · mean deviation of the normalised features: 1 evenly spread, 0 collapsed. */
  readonly std: number;
  /** How many directions they use; left out where there are so many dimensions that it would take minutes. */
  readonly effectiveRank?: number;
}

const mostRows = 2000;
const mostDimensions = 1024;

/** The spread of the first rows. */
export function spreadOf({ data, rows, dim }: Features): Spread {
  const count = Math.min(rows, mostRows);
  const first = { data: data.subarray(0, count * dim), rows: count, dim };
  return { std: outputStd(first), ...(count > 1 && dim <= mostDimensions ? { effectiveRank: effectiveRank(first) } : {}) };
}
