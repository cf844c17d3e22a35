import type { Features } from './features.ts';

/** Maps a feature column to (value − mean) · scale. */
export interface ColumnScaling {
  readonly mean: Float64Array;
  readonly scale: Float64Array;
}

/** Columns that vary less than this share of the root mean square of all columns' deviations are not blown up further. */
const smallestShare = 0.1;

/** Mean 0 and standard deviation 1 per column, by these features' own statistics. */
export function standardScaling(features: Features): ColumnScaling {
  const { data, rows, dim } = features;
  const mean = new Float64Array(dim);
  const variance = new Float64Array(dim);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < dim; c++) mean[c] = mean[c]! + data[row * dim + c]! / rows;
  }
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < dim; c++) variance[c] = variance[c]! + (data[row * dim + c]! - mean[c]!) ** 2 / rows;
  }
  const typical = Math.sqrt(variance.reduce((sum, entry) => sum + entry, 0) / dim);
  const floor = typical * smallestShare;
  return { mean, scale: variance.map((entry) => (typical > 0 ? 1 / Math.max(Math.sqrt(entry), floor) : 0)) };
}

/** Leaves every column as it is. */
export function noScaling(dim: number): ColumnScaling {
  return { mean: new Float64Array(dim), scale: new Float64Array(dim).fill(1) };
}

/** The scaled features with a last column of ones for the bias: `[rows, dim + 1]`. */
export function designMatrix(features: Features, { mean, scale }: ColumnScaling): Features {
  const { data, rows, dim } = features;
  const width = dim + 1;
  const out = new Float32Array(rows * width).fill(1);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < dim; c++) out[row * width + c] = (data[row * dim + c]! - mean[c]!) * scale[c]!;
  }
  return { data: out, rows, dim: width };
}
