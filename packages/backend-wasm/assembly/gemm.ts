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
  const zeros = rows + ((<usize>mc) << 2), packed = zeros + ((<usize>kc) << 2);
  memory.fill(zeros, 0, (<usize>kc) << 2);

  const panelBytes = (<usize>k) << 5;
  const mBlocks = (m + mc - 1) / mc, nBlocks = (n + nc - 1) / nc, items = batch * mBlocks * nBlocks;
  const end = partStart(items, part + 1, parts);
  for (let item = partStart(items, part, parts); item < end; item++) {
    const matrix = item / (mBlocks * nBlocks), block = item % (mBlocks * nBlocks);
    const row = (block / nBlocks) * mc, column = (block % nBlocks) * nc;
    const height = min(mc, m - row), width = min(nc, n - column);
    const from = a + ((<usize>matrix * <usize>aStride) << 2);
    for (let i = 0; i < height; i++) {
      const at = c + (((<usize>matrix * <usize>m + <usize>(row + i)) * <usize>n) << 2);
      store<u32>(rows + ((<usize>i) << 2), <u32>at);
    }
    for (let k0 = 0; k0 < k; k0 += kc) {
      const depth = min(kc, k - k0);
      if (transposed) {
        let at = from + ((<usize>k0 * <usize>m + <usize>row) << 2), dst = packed;
        for (let i = 0; i < depth; i++) {
          packStepA(at, height, dst, depth);
          at += (<usize>m) << 2;
          dst += (<usize>MR) << 2;
        }
      } else {
        for (let i = 0; i < height; i++) {
          store<u32>(table + ((<usize>i) << 2), <u32>(from + ((<usize>(row + i) * <usize>k + <usize>k0) << 2)));
        }
        packRowsA(table, height, depth, zeros, packed);
      }
      const flags = (k0 > 0 ? ACCUMULATE : 0) | (k0 + kc >= k ? last : 0);
      const panel = b + ((<usize>matrix * <usize>bStride) << 2) + (<usize>(column / 8)) * panelBytes + ((<usize>k0) << 5);
      macro(depth, height, width, packed, (<usize>(depth * MR)) << 2, panel, panelBytes, rows, column, bias, flags, scratch);
    }
  }
}
