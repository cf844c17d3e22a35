import { madd } from './simd';

// The register block of every matrix product: MR rows by NR columns of the output stay in registers while the
// products of one column of A and one row of B are added to them. V8 spills beyond 11–13 live vectors, so that 4×8 is
// fastest with separate multiply and add; fused, each product needs one register less and 6×8 is.
export const MR: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;
export const NR: i32 = 8;

// What to do with a finished block.
export const ACCUMULATE: i32 = 1; // add to what the output holds
export const BIAS: i32 = 2;
export const RELU: i32 = 4;

function finish(value: v128, at: usize, bias: usize, flags: i32): void {
  if (flags & ACCUMULATE) value = f32x4.add(value, v128.load(at));
  if (flags & BIAS) value = f32x4.add(value, v128.load(bias));
  if (flags & RELU) value = f32x4.max(value, f32x4.splat(0));
  v128.store(at, value);
}

function finishRow(low: v128, high: v128, row: usize, column: usize, bias: usize, flags: i32): void {
  const at = <usize>load<u32>(row) + column;
  if (flags == 0) {
    v128.store(at, low);
    v128.store(at, high, 16);
    return;
  }
  finish(low, at, bias, flags);
  finish(high, at + 16, bias + 16, flags);
}

function micro4(depth: i32, a: usize, b: usize, rows: usize, column: usize, bias: usize, flags: i32): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  const end = b + ((<usize>depth) << 5);
  do {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    a += 16;
    b += 32;
  } while (b < end);
  finishRow(c00, c01, rows, column, bias, flags);
  finishRow(c10, c11, rows + 4, column, bias, flags);
  finishRow(c20, c21, rows + 8, column, bias, flags);
  finishRow(c30, c31, rows + 12, column, bias, flags);
}

function micro6(depth: i32, a: usize, b: usize, rows: usize, column: usize, bias: usize, flags: i32): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
  let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  const end = b + ((<usize>depth) << 5);
  do {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    x = v128.load32_splat(a, 16);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    x = v128.load32_splat(a, 20);
    c50 = madd(x, b0, c50);
    c51 = madd(x, b1, c51);
    a += 24;
    b += 32;
  } while (b < end);
  finishRow(c00, c01, rows, column, bias, flags);
  finishRow(c10, c11, rows + 4, column, bias, flags);
  finishRow(c20, c21, rows + 8, column, bias, flags);
  finishRow(c30, c31, rows + 12, column, bias, flags);
  finishRow(c40, c41, rows + 16, column, bias, flags);
  finishRow(c50, c51, rows + 20, column, bias, flags);
}

/**
 * Output block [MR, 8] at `column` bytes into the MR rows whose addresses stand at `rows`, from packed A [depth][MR]
 * and packed B [depth][8]; depth ≥ 1.
 */
function micro(depth: i32, a: usize, b: usize, rows: usize, column: usize, bias: usize, flags: i32): void {
  if (ASC_FEATURE_RELAXED_SIMD) micro6(depth, a, b, rows, column, bias, flags);
  else micro4(depth, a, b, rows, column, bias, flags);
}

/** Bytes that `macro` needs at `scratch`: one full register block and the addresses of its rows. */
export const MACRO_SCRATCH: usize = 256;

/** A register block at the edge: computed whole beside the output, of which it then enters the part that exists. */
function microEdge(
  depth: i32, a: usize, b: usize, rows: usize, column: usize, bias: usize, flags: i32, height: i32, width: i32, scratch: usize,
): void {
  const table = scratch + ((<usize>MR) << 5);
  for (let i = 0; i < MR; i++) store<u32>(table + ((<usize>i) << 2), <u32>(scratch + ((<usize>i) << 5)));
  micro(depth, a, b, table, 0, 0, 0);
  for (let i = 0; i < height; i++) {
    const from = scratch + ((<usize>i) << 5), to = <usize>load<u32>(rows + ((<usize>i) << 2)) + column;
    for (let j = 0; j < width; j++) {
      const offset = (<usize>j) << 2;
      let value = load<f32>(from + offset);
      if (flags & ACCUMULATE) value += load<f32>(to + offset);
      if (flags & BIAS) value += load<f32>(bias + offset);
      if (flags & RELU) value = max<f32>(value, 0);
      store<f32>(to + offset, value);
    }
  }
}

/**
 * Output block [height, width] of the product of packed A (panels [depth][MR], one after the other) and packed B
 * (panels [·][8], `panelBytes` apart). Row i begins at the address in `rows[i]`, the block `column` floats into it.
 */
export function macro(
  depth: i32, height: i32, width: i32, a: usize, b: usize, panelBytes: usize,
  rows: usize, column: i32, bias: usize, flags: i32, scratch: usize,
): void {
  const aBytes = (<usize>(depth * MR)) << 2;
  for (let j = 0; j < width; j += NR) {
    const offset = (<usize>(column + j)) << 2, biasAt = bias + offset;
    const wide = j + NR <= width;
    let panel = a, row = rows;
    for (let i = 0; i < height; i += MR) {
      if (wide && i + MR <= height) micro(depth, panel, b, row, offset, biasAt, flags);
      else microEdge(depth, panel, b, row, offset, biasAt, flags, min(MR, height - i), min(NR, width - j), scratch);
      panel += aBytes;
      row += (<usize>MR) << 2;
    }
    b += panelBytes;
  }
}
