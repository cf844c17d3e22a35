import type { Features } from '../src/index.ts';

/** Features from their rows, written out. */
export function featuresOf(rows: readonly (readonly number[])[]): Features {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, dim: rows[0]!.length };
}

/** `rows` vectors with entries from `draw`. */
export function drawFeatures(rows: number, dim: number, draw: () => number): Features {
  return { data: Float32Array.from({ length: rows * dim }, draw), rows, dim };
}

/** Plus and minus every unit vector of `dim` dimensions. */
export function crossPolytope(dim: number): Features {
  const data = new Float32Array(2 * dim * dim);
  for (let row = 0; row < 2 * dim; row++) data[row * dim + (row >> 1)] = row % 2 === 0 ? 1 : -1;
  return { data, rows: 2 * dim, dim };
}
