import { highLanes, highPairs, lowLanes, lowPairs, put2 } from './simd';
import { MR } from './variant';

// Packing brings a block of a matrix into the order in which the micro-kernel reads it: panels of W rows (or columns),
// in each of them the W values of one step side by side. Rows are given by a table of addresses.

function rowAt(table: usize, i: i32): usize {
  return load<u32>(table + ((<usize>i) << 2));
}

/** Four rows side by side: dst[k·step + i] = row i [k]; step in bytes. */
function interleave4(r0: usize, r1: usize, r2: usize, r3: usize, length: i32, dst: usize, step: usize): void {
  let k = 4;
  for (; k <= length; k += 4) {
    const x0 = v128.load(r0), x1 = v128.load(r1), x2 = v128.load(r2), x3 = v128.load(r3);
    const a = lowLanes(x0, x1), b = lowLanes(x2, x3), c = highLanes(x0, x1), d = highLanes(x2, x3);
    v128.store(dst, lowPairs(a, b));
    dst += step;
    v128.store(dst, highPairs(a, b));
    dst += step;
    v128.store(dst, lowPairs(c, d));
    dst += step;
    v128.store(dst, highPairs(c, d));
    dst += step;
    r0 += 16;
    r1 += 16;
    r2 += 16;
    r3 += 16;
  }
  for (k -= 4; k < length; k++) {
    store<f32>(dst, load<f32>(r0));
    store<f32>(dst, load<f32>(r1), 4);
    store<f32>(dst, load<f32>(r2), 8);
    store<f32>(dst, load<f32>(r3), 12);
    dst += step;
    r0 += 4;
    r1 += 4;
    r2 += 4;
    r3 += 4;
  }
}

function interleave2(r0: usize, r1: usize, length: i32, dst: usize, step: usize): void {
  let k = 4;
  for (; k <= length; k += 4) {
    const x0 = v128.load(r0), x1 = v128.load(r1);
    const a = lowLanes(x0, x1), b = highLanes(x0, x1);
    v128.store64_lane(dst, a, 0);
    dst += step;
    v128.store64_lane(dst, a, 1);
    dst += step;
    v128.store64_lane(dst, b, 0);
    dst += step;
    v128.store64_lane(dst, b, 1);
    dst += step;
    r0 += 16;
    r1 += 16;
  }
  for (k -= 4; k < length; k++) {
    store<f32>(dst, load<f32>(r0));
    store<f32>(dst, load<f32>(r1), 4);
    dst += step;
    r0 += 4;
    r1 += 4;
  }
}

/**
 * Packs A into panels of MR rows, `depth` steps long. Each of the `count` rows in `table` holds as many values; rows that
 * fill the last panel up are read at `zeros`.
 */
export function packRowsA(table: usize, count: i32, depth: i32, zeros: usize, dst: usize): void {
  const step: usize = (<usize>MR) << 2;
  for (let i = 0; i < count; i += MR) {
    const left = count - i;
    const r0 = rowAt(table, i);
    const r1 = left > 1 ? rowAt(table, i + 1) : zeros;
    const r2 = left > 2 ? rowAt(table, i + 2) : zeros;
    const r3 = left > 3 ? rowAt(table, i + 3) : zeros;
    interleave4(r0, r1, r2, r3, depth, dst, step);
    if (MR == 6) {
      const r4 = left > 4 ? rowAt(table, i + 4) : zeros;
      const r5 = left > 5 ? rowAt(table, i + 5) : zeros;
      interleave2(r4, r5, depth, dst + 16, step);
    }
    dst += (<usize>depth) * step;
  }
}

/**
 * Packs B from its columns: step k of the panel takes column i's value k, for `count` ≤ 8 columns of `length` values
 * `stride` bytes apart; the rest of the panel becomes 0.
 */
export function packColumnsB(src: usize, stride: usize, count: i32, length: i32, dst: usize): void {
  if (count == 8) {
    const half = src + 4 * stride;
    interleave4(src, src + stride, src + 2 * stride, src + 3 * stride, length, dst, 32);
    interleave4(half, half + stride, half + 2 * stride, half + 3 * stride, length, dst + 16, 32);
    return;
  }
  memory.fill(dst, 0, (<usize>length) << 5);
  for (let i = 0; i < count; i++) {
    let from = src + (<usize>i) * stride, to = dst + ((<usize>i) << 2);
    for (let k = 0; k < length; k++) {
      store<f32>(to, load<f32>(from));
      from += 4;
      to += 32;
    }
  }
}

/** Packs one step of B: `count` values from `src`, into panels `panelBytes` apart; the last panel is filled up with 0. */
export function packStepB(src: usize, count: i32, dst: usize, panelBytes: usize): void {
  let j = 8;
  for (; j <= count; j += 8) {
    put2(dst, v128.load(src), v128.load(src, 16));
    src += 32;
    dst += panelBytes;
  }
  const left = count - j + 8;
  if (left == 0) return;
  v128.store(dst, f32x4.splat(0));
  v128.store(dst, f32x4.splat(0), 16);
  for (let i = 0; i < left; i++) store<f32>(dst + ((<usize>i) << 2), load<f32>(src + ((<usize>i) << 2)));
}

/** Packs one step of A: `count` values from `src` become the rows of panels of MR rows, `depth` steps long. */
export function packStepA(src: usize, count: i32, dst: usize, depth: i32): void {
  const panelBytes: usize = (<usize>(depth * MR)) << 2;
  let i = 0;
  for (; i + MR <= count; i += MR) {
    v128.store(dst, v128.load(src));
    if (MR == 6) store<u64>(dst, load<u64>(src, 16), 16);
    src += (<usize>MR) << 2;
    dst += panelBytes;
  }
  for (; i < count; i++) {
    store<f32>(dst, load<f32>(src));
    src += 4;
    dst += 4;
  }
}
