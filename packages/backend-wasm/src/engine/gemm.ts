import { apart, chooseBlocks, largeShares, partsFor, roundUp, sharesOf, withScratch } from './blocks.ts';
import type { Engine } from './engine.ts';
import { f32 } from './engine.ts';
import { K } from './kernel-ids.ts';

export interface MatMulShape {
  /** Matrices in the output. Default 1. */
  readonly batch?: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** A is stored [k, m]. */
  readonly transposeA?: boolean;
  /** B is stored [n, k]. */
  readonly transposeB?: boolean;
  /** One A (or B) for the whole batch. */
  readonly shareA?: boolean;
  readonly shareB?: boolean;
  /** Address of [n], added to every row. */
  readonly bias?: number;
  readonly relu?: boolean;
}

/** out [batch, m, n] = A [batch, m, k] · B [batch, k, n] (+ bias, then ReLU); `a`, `b` and `out` are addresses. */
export function matMul(engine: Engine, a: number, b: number, out: number, shape: MatMulShape): void {
  const { batch = 1, m, k, n, transposeA = false, transposeB = false, shareA = false, shareB = false } = shape;
  const { bias = 0, relu = false } = shape;
  if (batch * m * n === 0) return;
  if (k === 0) return fillRows(engine, out, batch * m, n, bias, relu);
  const parts = partsFor(engine, 2 * batch * m * n * k);
  if (m <= fewRows && (batch === 1 || !shareB)) return fewRowsMatMul(engine, a, b, out, shape, parts);
  const { rows, columns, depth } = chooseBlocks(m, n, k, batch >= parts ? 1 : parts);
  const panelFloats = Math.ceil(n / 8) * 8 * k;
  const packedBatch = shareB ? 1 : batch;
  const threadBytes = apart(256 + 4 * (2 * rows + columns + depth + rows * depth));
  withScratch(engine, parts * threadBytes + 4 * panelFloats * packedBatch, (scratch) => {
    const packed = scratch + parts * threadBytes;
    engine.run(K.gemmPackB, [b, packed, packedBatch, k, n, Number(transposeB)], { parts, touches: { reads: [b], writes: [scratch] } });
    engine.run(
      K.gemm,
      [
        a, packed, out, batch, m, k, n, Number(transposeA), shareA ? 0 : m * k, shareB ? 0 : panelFloats, bias,
        Number(relu), rows, columns, depth, scratch, threadBytes,
      ],
      { parts: sharesOf(batch * Math.ceil(m / rows) * Math.ceil(n / columns), parts, k <= shortSums ? largeShares : undefined), touches: { reads: [a, bias], writes: [out, scratch] } },
    );
  });
}

/** Sums of so few products are written as fast as they are computed, and threads that write close to each other take cache lines from each other. */
const shortSums = 48;

/** So few rows use each number of B no more than a few times after it is packed. */
const fewRows = 192;
/** Columns of B that are packed at once: with the depth, half of an L2 of 512 KiB. */
const fewRowsColumns = 128;

/** For few rows: B is packed where it is used, and never leaves the caches in between. */
function fewRowsMatMul(engine: Engine, a: number, b: number, out: number, shape: MatMulShape, threads: number): void {
  const { batch = 1, m, k, n, transposeA = false, transposeB = false, shareA = false, bias = 0, relu = false } = shape;
  const { rows, depth } = chooseBlocks(m, n, k, 1);
  const columns = Math.min(fewRowsColumns, roundUp(Math.ceil((batch * n) / (4 * threads)), 8), roundUp(n, 8));
  const threadBytes = apart(256 + 4 * (2 * rows + columns + depth + (rows + columns) * depth));
  withScratch(engine, threads * threadBytes, (scratch) => {
    engine.run(
      K.gemmFewRows,
      [
        a, b, out, batch, m, k, n, Number(transposeA), Number(transposeB), shareA ? 0 : m * k, k * n, bias, Number(relu), rows, columns, depth,
        scratch, threadBytes,
      ],
      { parts: sharesOf(batch * Math.ceil(n / columns), threads), touches: { reads: [a, b, bias], writes: [out, scratch] } },
    );
  });
}

/** The product over an empty k: every row is the bias, or 0. */
function fillRows(engine: Engine, out: number, rows: number, n: number, bias: number, relu: boolean): void {
  engine.run(K.fill, [out, rows * n, f32(0)], { parts: 1 });
  if (bias === 0) return;
  const row = engine.f32.slice(bias / 4, bias / 4 + n).map((value) => (relu ? Math.max(value, 0) : value));
  for (let i = 0; i < rows; i++) engine.f32.set(row, out / 4 + i * n);
}
