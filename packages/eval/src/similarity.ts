import { matMul, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { Features } from './features.ts';
import { yieldToEvents } from './yield-to-events.ts';

/** Similarities that are held at once: bounds the memory of a chunk at 16 MB. */
const chunkEntries = 4_000_000;
const maxChunkRows = 256;

/** Calls `visit` per query row, in order, with its cosine similarities to all gallery rows. The array is only lent. */
export async function eachCosineRow(
  query: Features,
  gallery: Features,
  visit: (row: number, similarities: Float32Array) => void,
): Promise<void> {
  const chunk = Math.max(1, Math.min(maxChunkRows, Math.floor(chunkEntries / gallery.rows)));
  const unit = unitRows(query);
  // A gallery that is transposed once keeps matMul on the path without transposed operands, the fast one on every backend.
  const columns = tensor2d(transposed(unitRows(gallery), gallery.rows, gallery.dim), [gallery.dim, gallery.rows]);
  try {
    for (let start = 0; start < query.rows; start += chunk) {
      const rows = Math.min(chunk, query.rows - start);
      const product = tidy(() => {
        const part = unit.subarray(start * query.dim, (start + rows) * query.dim);
        return matMul(tensor2d(part, [rows, query.dim]), columns);
      });
      const similarities = await product.data<'float32'>();
      product.dispose();
      for (let row = 0; row < rows; row++) {
        visit(start + row, similarities.subarray(row * gallery.rows, (row + 1) * gallery.rows));
      }
      await yieldToEvents();
    }
  } finally {
    columns.dispose();
  }
}

/** Every row divided by its length; a row of zeros stays zero. */
export function unitRows(features: Features): Float32Array {
  const { data, rows, dim } = features;
  const unit = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const start = row * dim;
    let squares = 0;
    for (let i = start; i < start + dim; i++) squares += data[i]! * data[i]!;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let i = start; i < start + dim; i++) unit[i] = data[i]! * scale;
  }
  return unit;
}

/** `[rows, columns]` → `[columns, rows]`, in blocks that stay in the cache. */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const block = 32;
  const out = new Float32Array(data.length);
  for (let row0 = 0; row0 < rows; row0 += block) {
    const row1 = Math.min(row0 + block, rows);
    for (let column0 = 0; column0 < columns; column0 += block) {
      const column1 = Math.min(column0 + block, columns);
      for (let column = column0; column < column1; column++) {
        for (let row = row0; row < row1; row++) out[column * rows + row] = data[row * columns + column]!;
      }
    }
  }
  return out;
}
