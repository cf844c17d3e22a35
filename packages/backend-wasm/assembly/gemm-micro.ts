import { micro6x16 } from './gemm-micro-6x16';
import { madd, stepBegins } from './simd';
import { MR, PANELS } from './variant';

// The register block of every matrix product: MR rows by 8 columns of the output stay in registers while the products
// of one column of A and one row of B are added to them. 4×8 has just enough independent sums to keep two multiply-add
// units busy, and is for the build without fused multiply-add, which needs a register more. 6×8 has some to spare. 6×16 is for vectors of
// eight (gemm-micro-6x16.ts).
export const NR: i32 = 8;
// Bytes from one step of a packed panel to the next.
const PANEL_STEP_A: usize = (<usize>MR) << 2;
const PANEL_STEP_B: usize = (<usize>NR) << 2;

// What to do with a finished block.
export const ACCUMULATE: i32 = 1; // add to what the output holds
export const BIAS: i32 = 2;
export const RELU: i32 = 4;

function put(row: usize, column: usize, low: v128, high: v128): void {
  const at = <usize>load<u32>(row) + column;
  v128.store(at, low);
  v128.store(at, high, 16);
}

function add(row: usize, column: usize, low: v128, high: v128): void {
  const at = <usize>load<u32>(row) + column;
  const x = v128.load(at), y = v128.load(at, 16);
  v128.store(at, f32x4.add(x, low));
  v128.store(at, f32x4.add(y, high), 16);
}

function micro4(
  blocks: i32, depth: i32, top: usize, aBytes: usize, last: usize, aStep: usize, panel: usize, bStep: usize, rows: usize, column: usize, accumulate: i32,
): void {
  const end = panel + <usize>depth * bStep;
  for (; blocks > 0; blocks--) {
    let a = top, b = panel;
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
    do {
      stepBegins(end);
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
      a += aStep;
      b += bStep;
    } while (b < end);
    if (accumulate) {
      add(rows, column, c00, c01);
      add(rows + 4, column, c10, c11);
      add(rows + 8, column, c20, c21);
      add(rows + 12, column, c30, c31);
    } else {
      put(rows, column, c00, c01);
      put(rows + 4, column, c10, c11);
      put(rows + 8, column, c20, c21);
      put(rows + 12, column, c30, c31);
    }
    top = min(top + aBytes, last);
    rows += 16;
  }
}

function micro6(
  blocks: i32, depth: i32, top: usize, aBytes: usize, last: usize, aStep: usize, panel: usize, bStep: usize, rows: usize, column: usize, accumulate: i32,
): void {
  const end = panel + <usize>depth * bStep;
  for (; blocks > 0; blocks--) {
    let a = top, b = panel;
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
    let c40 = c00, c41 = c00, c50 = c00, c51 = c00;
    do {
      stepBegins(end);
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
      a += aStep;
      b += bStep;
    } while (b < end);
    if (accumulate) {
      add(rows, column, c00, c01);
      add(rows + 4, column, c10, c11);
      add(rows + 8, column, c20, c21);
      add(rows + 12, column, c30, c31);
      add(rows + 16, column, c40, c41);
      add(rows + 20, column, c50, c51);
    } else {
      put(rows, column, c00, c01);
      put(rows + 4, column, c10, c11);
      put(rows + 8, column, c20, c21);
      put(rows + 12, column, c30, c31);
      put(rows + 16, column, c40, c41);
      put(rows + 20, column, c50, c51);
    }
    top = min(top + aBytes, last);
    rows += 24;
  }
}

/**
 * Output [MR·blocks, 8] at `column` bytes into the rows whose addresses stand at `rows`, from MR numbers of A and 8 of B in each of `depth` ≥ 1
 * steps, which are `aStep` and `bStep` bytes apart. A's numbers for the first block begin at `a`, for each further one `aBytes` later, but
 * at `last` at the latest. The loop over the blocks stands around the steps, and no call in it, because V8 would otherwise keep the
 * sums in memory (docs/decisions/0021-sums-that-stay-in-registers.md).
 */
export function micro(
  blocks: i32, depth: i32, a: usize, aBytes: usize, last: usize, aStep: usize, b: usize, bStep: usize, rows: usize, column: usize, accumulate: i32,
): void {
  if (MR == 6) micro6(blocks, depth, a, aBytes, last, aStep, b, bStep, rows, column, accumulate);
  else micro4(blocks, depth, a, aBytes, last, aStep, b, bStep, rows, column, accumulate);
}

/** Bytes that `macro` needs at `scratch`: one register block and the addresses of its rows. */
export const MACRO_SCRATCH: usize = 256;

/**
 * Register blocks that cannot just be stored or added: at the edge, where only `width` columns exist, or with a bias or ReLU. Each is
 * computed beside the output, and enters it from there.
 */
function microThrough(
  depth: i32, height: i32, width: i32, a: usize, aBytes: usize, b: usize, rows: usize, column: usize, bias: usize, flags: i32, scratch: usize,
): void {
  const table = scratch + ((<usize>MR) << 5);
  for (let i = 0; i < MR; i++) store<u32>(table + ((<usize>i) << 2), <u32>(scratch + ((<usize>i) << 5)));
  for (let i = 0; i < height; i++) {
    const r = i % MR;
    if (r == 0) micro(1, depth, a + <usize>(i / MR) * aBytes, 0, 0, PANEL_STEP_A, b, PANEL_STEP_B, table, 0, 0);
    const from = scratch + ((<usize>r) << 5), to = <usize>load<u32>(rows + ((<usize>i) << 2)) + column;
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
 * Output block [height, width] of the product of packed A (panels [·][MR], `aBytes` apart) and packed B (panels
 * [·][8], `bBytes` apart). Row i begins at the address in `rows[i]`, the block `column` floats into it; whole register blocks of rows are
 * written.
 */
export function macro(
  depth: i32, height: i32, width: i32, a: usize, aBytes: usize, b: usize, bBytes: usize,
  rows: usize, column: i32, bias: usize, flags: i32, scratch: usize,
): void {
  const blocks = (height + MR - 1) / MR, last = a + <usize>blocks * aBytes;
  for (let j = 0; j < width; ) {
    const offset = (<usize>(column + j)) << 2, left = width - j, simple = (flags & ~ACCUMULATE) == 0 && left >= NR;
    const two = PANELS == 2 && simple && left >= 2 * NR;
    if (two) micro6x16(blocks, depth, a, aBytes, last, PANEL_STEP_A, b, b + bBytes, PANEL_STEP_B, rows, offset, flags);
    else if (simple) micro(blocks, depth, a, aBytes, last, PANEL_STEP_A, b, PANEL_STEP_B, rows, offset, flags);
    else microThrough(depth, height, min(NR, left), a, aBytes, b, rows, offset, bias + offset, flags, scratch);
    b += two ? 2 * bBytes : bBytes;
    j += two ? 2 * NR : NR;
  }
}
