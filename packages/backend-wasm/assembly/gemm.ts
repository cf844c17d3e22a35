import { int, partStart, ptr } from './args';
import { ACCUMULATE, BIAS, MACRO_SCRATCH, macro, RELU } from './gemm-micro';
import { packColumnsB, packRowsA, packStepA, packStepB } from './pack';
import { MR } from './variant';

/**
 * Packs B [batch][k, n] (or [batch][n, k] when transposed) into panels [batch][⌈n/8⌉][k][8].
 * args: b, packed, batch, k, n, transposed.
 */
export function gemmPackB(args: usize, part: i32, parts: i32): void {
  const b = ptr(args, 0), packed = ptr(args, 1), batch = int(args, 2), k = int(args, 3), n = int(args, 4);
  const transposed = int(args, 5) != 0;
  const panels = (n + 7) / 8, panelBytes = (<usize>k) << 5;
  const rowBytes = (<usize>(transposed ? k : n)) << 2, matrixBytes = ((<usize>k) * (<usize>n)) << 2;
  const last = partStart(batch * panels, part + 1, parts);
  let item = partStart(batch * panels, part, parts);
  while (item < last) {
    const matrix = item / panels, panel = item % panels;
    const dst = packed + (<usize>item) * panelBytes;
    const src = b + (<usize>matrix) * matrixBytes;
    if (transposed) {
      packColumnsB(src + (<usize>(panel * 8)) * rowBytes, rowBytes, min(8, n - panel * 8), k, dst);
      item++;
      continue;
    }
    // Up to four panels at a time: whole cache lines of B are read, and few are written at once.
    const group = min(min(4, panels - panel), last - item);
    const width = min(group * 8, n - panel * 8);
    let from = src + ((<usize>(panel * 8)) << 2);
    for (let i = 0; i < k; i++) {
      packStepB(from, width, dst + ((<usize>i) << 5), panelBytes);
      from += rowBytes;
    }
    item += group;
  }
}

/** A table of the addresses of `count` rows, `stride` bytes apart. */
function tabulate(table: usize, count: i32, row: usize, stride: usize): void {
  for (let i = 0; i < count; i++) {
    store<u32>(table + ((<usize>i) << 2), <u32>row);
    row += stride;
  }
}

/**
 * Addresses of `height` rows of C from `row` on, `stride` bytes apart, in whole register blocks: for the rows too many, one of the scratch at
 * `idle`, which has room for the block's columns only.
 */
function tabulateC(table: usize, height: i32, row: usize, stride: usize, idle: usize, column: i32): void {
  tabulate(table, height, row, stride);
  tabulate(table + ((<usize>height) << 2), (MR - height % MR) % MR, idle - ((<usize>column) << 2), 0);
}

/** Packs `height` rows and `depth` steps of A, from row `row` and step `k0` on. */
function packBlockA(
  a: usize, transposed: bool, m: i32, k: i32, row: i32, height: i32, k0: i32, depth: i32, table: usize, zeros: usize, packed: usize,
): void {
  if (!transposed) {
    tabulate(table, height, a + ((<usize>row * <usize>k + <usize>k0) << 2), <usize>k << 2);
    packRowsA(table, height, depth, zeros, packed);
    return;
  }
  let at = a + ((<usize>k0 * <usize>m + <usize>row) << 2);
  for (let i = 0; i < depth; i++) {
    packStepA(at, height, packed, depth);
    at += (<usize>m) << 2;
    packed += (<usize>MR) << 2;
  }
}

/** Packs `depth` steps of `width` columns of B into panels, from step `k0` and column `column` on. */
function packBlockB(b: usize, transposed: bool, k: i32, n: i32, k0: i32, depth: i32, column: i32, width: i32, packed: usize): void {
  const panelBytes = <usize>depth << 5;
  if (!transposed) {
    let at = b + ((<usize>k0 * <usize>n + <usize>column) << 2);
    for (let i = 0; i < depth; i++) {
      packStepB(at, width, packed, panelBytes);
      at += <usize>n << 2;
      packed += 32;
    }
    return;
  }
  for (let j = 0; j < width; j += 8) {
    packColumnsB(b + ((<usize>(column + j) * <usize>k + <usize>k0) << 2), <usize>k << 2, min(8, width - j), depth, packed);
    packed += panelBytes;
  }
}

/**
 * As `gemm`, with B packed where it is used: for so few rows that it would be used no more than once or twice.
 * args: a, b, c, batch, m, k, n, transposed a, transposed b, floats between the matrices of a, and of b, bias (0: none), relu, block rows,
 * block columns, block depth, scratch, bytes of scratch for each thread.
 */
export function gemmFewRows(args: usize, part: i32, parts: i32, thread: i32): void {
  const batch = int(args, 3), m = int(args, 4), k = int(args, 5), n = int(args, 6);
  const transposedA = int(args, 7) != 0, transposedB = int(args, 8) != 0, bias = ptr(args, 11);
  const last = (bias != 0 ? BIAS : 0) | (int(args, 12) != 0 ? RELU : 0);
  const mc = int(args, 13), nc = int(args, 14), kc = int(args, 15);
  const scratch = ptr(args, 16) + (<usize>thread) * ptr(args, 17);
  const table = scratch + MACRO_SCRATCH, rows = table + ((<usize>mc) << 2);
  const idle = rows + ((<usize>mc) << 2), zeros = idle + ((<usize>nc) << 2), packedA = zeros + ((<usize>kc) << 2), packedB = packedA + ((<usize>(mc * kc)) << 2);
  memory.fill(zeros, 0, (<usize>kc) << 2);

  const nBlocks = (n + nc - 1) / nc, end = partStart(batch * nBlocks, part + 1, parts);
  for (let item = partStart(batch * nBlocks, part, parts); item < end; item++) {
    const matrix = item / nBlocks, column = (item % nBlocks) * nc, width = min(nc, n - column);
    const a = ptr(args, 0) + ((<usize>matrix * ptr(args, 9)) << 2), b = ptr(args, 1) + ((<usize>matrix * ptr(args, 10)) << 2);
    const c = ptr(args, 2) + ((<usize>matrix * <usize>m * <usize>n) << 2);
    for (let k0 = 0; k0 < k; k0 += kc) {
      const depth = min(kc, k - k0), flags = (k0 > 0 ? ACCUMULATE : 0) | (k0 + kc >= k ? last : 0);
      packBlockB(b, transposedB, k, n, k0, depth, column, width, packedB);
      for (let row = 0; row < m; row += mc) {
        const height = min(mc, m - row);
        packBlockA(a, transposedA, m, k, row, height, k0, depth, table, zeros, packedA);
        tabulateC(rows, height, c + ((<usize>row * <usize>n) << 2), <usize>n << 2, idle, column);
        macro(depth, height, width, packedA, (<usize>(depth * MR)) << 2, packedB, <usize>depth << 5, rows, column, bias, flags, scratch);
      }
    }
  }
}

/**
 * C [batch][m, n] = A·B (+ bias) (then ReLU) with packed B; A is [m, k], or [k, m] when transposed.
 * args: a, packed b, c, batch, m, k, n, transposed a, floats between the matrices of a, and of packed b (0: one for
 * all), bias (0: none), relu, block rows, block columns, block depth, scratch, bytes of scratch for each thread.
 */
export function gemm(args: usize, part: i32, parts: i32, thread: i32): void {
  const a = ptr(args, 0), b = ptr(args, 1), c = ptr(args, 2);
  const batch = int(args, 3), m = int(args, 4), k = int(args, 5), n = int(args, 6), transposed = int(args, 7) != 0;
  const aStride = int(args, 8), bStride = int(args, 9), bias = ptr(args, 10);
  const last = (bias != 0 ? BIAS : 0) | (int(args, 11) != 0 ? RELU : 0);
  const mc = int(args, 12), nc = int(args, 13), kc = int(args, 14);
  const scratch = ptr(args, 15) + (<usize>thread) * ptr(args, 16);
  const table = scratch + MACRO_SCRATCH, rows = table + ((<usize>mc) << 2);
  const idle = rows + ((<usize>mc) << 2), zeros = idle + ((<usize>nc) << 2), packed = zeros + ((<usize>kc) << 2);
  memory.fill(zeros, 0, (<usize>kc) << 2);

  const panelBytes = (<usize>k) << 5;
  const mBlocks = (m + mc - 1) / mc, nBlocks = (n + nc - 1) / nc, items = batch * mBlocks * nBlocks;
  const end = partStart(items, part + 1, parts);
  for (let item = partStart(items, part, parts); item < end; item++) {
    const matrix = item / (mBlocks * nBlocks), block = item % (mBlocks * nBlocks);
    const row = (block / nBlocks) * mc, column = (block % nBlocks) * nc;
    const height = min(mc, m - row), width = min(nc, n - column);
    const from = a + ((<usize>matrix * <usize>aStride) << 2);
    tabulateC(rows, height, c + (((<usize>matrix * <usize>m + <usize>row) * <usize>n) << 2), <usize>n << 2, idle, column);
    for (let k0 = 0; k0 < k; k0 += kc) {
      const depth = min(kc, k - k0);
      packBlockA(from, transposed, m, k, row, height, k0, depth, table, zeros, packed);
      const flags = (k0 > 0 ? ACCUMULATE : 0) | (k0 + kc >= k ? last : 0);
      const panel = b + ((<usize>matrix * <usize>bStride) << 2) + (<usize>(column / 8)) * panelBytes + ((<usize>k0) << 5);
      macro(depth, height, width, packed, (<usize>(depth * MR)) << 2, panel, panelBytes, rows, column, bias, flags, scratch);
    }
  }
}
