import { int, partStart, ptr } from './args';
import { ACCUMULATE, macro } from './gemm-micro';
import { loadLanes, storeLanes } from './simd';
import { MR } from './variant';
import {
  filterOf, filtersOf, filterTaps, imageHeight, imagePoints, imageWidth, pointsOf, slopePoints, stepDown, stepRight, targetWidth,
} from './winograd-kinds';
import { BLOCK, gatherTail, patch, prepare, RESULT, TABLE, TABLE_BYTES, TAIL_TABLE, ZEROS } from './winograd-patch';

/** Puts `points` vectors of channels ch … ch+3 into panels of MR rows, at step `t` of `capacity`. */
function storePanels(points: usize, from: usize, to: usize, ch: i32, t: i32, capacity: i32, step: usize): void {
  const panelBytes = <usize>(capacity * MR) << 2;
  const low = to + <usize>(ch / MR) * panelBytes + (<usize>(t * MR + ch % MR) << 2);
  const high = to + <usize>((ch + 2) / MR) * panelBytes + (<usize>(t * MR + (ch + 2) % MR) << 2);
  for (let xi: usize = 0; xi < points; xi++) {
    const value = v128.load(from + (xi << 4)), offset = xi * step;
    v128.store64_lane(low + offset, value, 0);
    v128.store64_lane(high + offset, value, 1);
  }
}

/**
 * Transforms tiles first + [t0, end) of x and of dy for the filter gradient: of x into steps [t0, end) of packed A
 * [points][⌈c/MR⌉][capacity][MR] at `v`, of dy into those of packed B [points][⌈k/8⌉][capacity][8] at `m`.
 * args: x, dy, height, width, c, out height, width, k, top, left, bytes between points of x, of dy, kind.
 */
function transformTiles(args: usize, v: usize, m: usize, first: i32, t0: i32, end: i32, capacity: i32, scratch: usize): void {
  const x = ptr(args, 0), dy = ptr(args, 1), height = int(args, 2), width = int(args, 3), c = int(args, 4);
  const outH = int(args, 5), outW = int(args, 6), k = int(args, 7), top = int(args, 8), left = int(args, 9);
  const inStep = ptr(args, 10), outStep = ptr(args, 11), kind = int(args, 12);
  const table = scratch + TABLE, result = scratch + RESULT;
  const pixelBytes = <usize>c << 2, outPixelBytes = <usize>k << 2, panelBytes = <usize>capacity << 5;
  const rows = imageHeight(kind), columns = imageWidth(kind), wide = targetWidth(kind), points = <usize>pointsOf(kind);
  const down = stepDown(kind), right = stepRight(kind);
  const across = (outW + wide - 1) / wide, perImage = across * ((outH + 3) >> 2);
  // Four tiles at a time, whose values for one channel stand side by side: whole cache lines are written.
  for (; t0 < end; t0 += 4) {
    const tiles = min(4, end - t0);
    for (let u = 0; u < tiles; u++) {
      const tile = first + t0 + u, picture = tile / perImage, place = tile % perImage;
      const i = (place / across) * down - top, j = (place % across) * right - left;
      const image = x + <usize>(picture * height * width) * pixelBytes;
      patch(table + <usize>u * TABLE_BYTES, rows, columns, image, i, j, height, width, pixelBytes, scratch + ZEROS);
    }
    for (let ch = 0; ch < c; ch += 4) {
      for (let u = 0; u < tiles; u++) {
        let pixels = table + <usize>u * TABLE_BYTES, offset = <usize>ch << 2;
        if (ch + 4 > c) {
          gatherTail(scratch, pixels, rows * columns, offset, c - ch);
          pixels = scratch + TAIL_TABLE;
          offset = 0;
        }
        if (MR == 4) {
          imagePoints(kind, pixels, offset, scratch, v + (<usize>(ch * capacity + (t0 + u) * 4) << 2), inStep);
        } else {
          imagePoints(kind, pixels, offset, scratch, result, 16);
          storePanels(points, result, v, ch, t0 + u, capacity, inStep);
        }
      }
    }
    for (let u = 0; u < tiles; u++) {
      const tile = first + t0 + u, picture = tile / perImage, place = tile % perImage;
      const i = (place / across) * 4, j = (place % across) * wide;
      const image = dy + <usize>(picture * outH * outW) * outPixelBytes;
      patch(table + <usize>u * TABLE_BYTES, 4, wide, image, i, j, outH, outW, outPixelBytes, scratch + ZEROS);
    }
    for (let ch8 = 0; ch8 < k; ch8 += 8) {
      for (let u = 0; u < tiles; u++) {
        for (let ch = ch8; ch < min(ch8 + 8, k); ch += 4) {
          let pixels = table + <usize>u * TABLE_BYTES, offset = <usize>ch << 2;
          if (ch + 4 > k) {
            gatherTail(scratch, pixels, 4 * wide, offset, k - ch);
            pixels = scratch + TAIL_TABLE;
            offset = 0;
          }
          const to = m + <usize>(ch >> 3) * panelBytes + (<usize>(t0 + u) << 5) + (<usize>(ch & 4) << 2);
          slopePoints(kind, pixels, offset, scratch, to, outStep);
        }
      }
    }
  }
}

/**
 * A block [rows `high`, columns `wide`] of the sums of one kind's filters, `sumStep` bytes apart and in rows of `rowBytes`, over
 * `count` transformed tiles of `capacity`, in steps of `depth`. `table` is scratch for the addresses of the rows.
 */
function sumProducts(
  kind: i32, a: usize, inStep: usize, b: usize, outStep: usize, count: i32, capacity: i32, depth: i32, high: i32, wide: i32, sums: usize,
  sumStep: usize, rowBytes: usize, add: bool, table: usize, scratch: usize,
): void {
  const points = pointsOf(kind), aBytes = <usize>(capacity * MR) << 2, bBytes = <usize>capacity << 5;
  for (let xi = 0, seen = -1; xi < points; xi++) {
    const by = filterOf(kind, xi), to = sums + <usize>by * sumStep;
    // Points of one filter follow upon its first.
    const again = add || by <= seen;
    seen = max(seen, by);
    for (let r = 0; r < high; r++) store<u32>(table + (<usize>r << 2), <u32>(to + <usize>r * rowBytes));
    for (let t = 0; t < count; t += depth) {
      macro(
        min(depth, count - t), high, wide, a + (<usize>(t * MR) << 2), aBytes, b + (<usize>t << 5), bBytes,
        table, 0, 0, again || t > 0 ? ACCUMULATE : 0, scratch + BLOCK,
      );
    }
    a += inStep;
    b += outStep;
  }
}

/** dw [9][c, k] (+)= Gᵀ sums G for `count` ≤ 4 columns from (row, column) on. */
function putTaps(kind: i32, sums: usize, sumStep: usize, dw: usize, c: i32, k: i32, row: i32, column: i32, count: i32, add: bool, scratch: usize): void {
  const result = scratch + RESULT;
  filterTaps(kind, sums, sumStep, scratch, result);
  let to = dw + ((<usize>row * <usize>k + <usize>column) << 2);
  for (let tap: usize = 0; tap < 9; tap++) {
    let value = v128.load(result + (tap << 4));
    if (add) value = f32x4.add(value, loadLanes(to, count));
    storeLanes(to, value, count);
    to += <usize>(c * k) << 2;
  }
}

/**
 * dw [9][c, k] (+)= Gᵀ (Σ over a chunk of transformed tiles) G, in parts of the channels. The sums of a block of channels stay in
 * the cache for all transforms.
 */
function multiplyChunk(args: usize, part: i32, parts: i32, scratch: usize): void {
  const c = int(args, 4), k = int(args, 7), inStep = ptr(args, 10), outStep = ptr(args, 11), kind = int(args, 12);
  const v = ptr(args, 13), m = ptr(args, 14), count = int(args, 15), dw = ptr(args, 20), add = int(args, 21) != 0;
  const rows = int(args, 22), columns = int(args, 23), depth = int(args, 24);
  const table = scratch + ZEROS, sums = table + ((<usize>(4 * rows) + 63) & ~63);
  const rowBytes = <usize>columns << 2, sumStep = <usize>rows * rowBytes + 64;

  const cBlocks = (c + rows - 1) / rows, kBlocks = (k + columns - 1) / columns;
  const end = partStart(cBlocks * kBlocks, part + 1, parts);
  for (let item = partStart(cBlocks * kBlocks, part, parts); item < end; item++) {
    const row = (item % cBlocks) * rows, column = (item / cBlocks) * columns;
    const high = min(rows, c - row), wide = min(columns, k - column);
    const a = v + ((<usize>(row * count)) << 2), b = m + ((<usize>(column * count)) << 2);
    sumProducts(kind, a, inStep, b, outStep, count, count, depth, high, (wide + 7) & ~7, sums, sumStep, rowBytes, false, table, scratch);
    for (let r = 0; r < high; r++) {
      for (let j = 0; j < wide; j += 4) {
        putTaps(kind, sums + <usize>r * rowBytes + (<usize>j << 2), sumStep, dw, c, k, row + r, column + j, wide - j, add, scratch);
      }
    }
  }
}

/**
 * One chunk of tiles, transformed before, is multiplied by the first parts; the others transform the next chunk, a few tiles each,
 * and so keep a thread busy that is done with its products.
 * args: those of `transformTiles`; packed x, packed dy and tiles of this chunk; packed x, packed dy, first tile and tiles of the next;
 * dw, add to it, block rows (a multiple of MR), block columns (of 8), block depth, parts that multiply, scratch, bytes of scratch for
 * each thread.
 */
export function winogradFilterGradChunk(args: usize, part: i32, parts: i32, thread: i32): void {
  const multiplying = int(args, 25), scratch = ptr(args, 26) + <usize>thread * ptr(args, 27);
  if (part < multiplying) {
    multiplyChunk(args, part, multiplying, scratch);
    return;
  }
  const count = int(args, 19), share = part - multiplying, shares = parts - multiplying;
  prepare(scratch, <usize>((max(int(args, 4), int(args, 7)) + 3) & ~3) << 2);
  const start = partStart(count, share, shares), end = partStart(count, share + 1, shares);
  transformTiles(args, ptr(args, 16), ptr(args, 17), int(args, 18), start, end, count, scratch);
}

/**
 * The sums of each part's share of the tiles, [part][filters][c][k]: tiles are transformed a block at a time and multiplied while
 * they are in the cache of the thread that has transformed them. For so few channels that the sums fit there as well.
 * args: those of `transformTiles`, sums, tiles, tiles in a block, bytes of sums for each part, bytes between the sums of one
 * filter and of the next, scratch, bytes of scratch for each thread.
 */
export function winogradFilterGradShares(args: usize, part: i32, parts: i32, thread: i32): void {
  const c = int(args, 4), k = int(args, 7), inStep = ptr(args, 10), outStep = ptr(args, 11), kind = int(args, 12);
  const sums = ptr(args, 13) + <usize>part * ptr(args, 16), tiles = int(args, 14), block = int(args, 15), sumStep = ptr(args, 17);
  const scratch = ptr(args, 18) + (<usize>thread) * ptr(args, 19);
  const columns = (k + 7) & ~7;
  prepare(scratch, <usize>((max(c, k) + 3) & ~3) << 2);
  const table = scratch + ZEROS + ((<usize>(4 * max(c, k)) + 63) & ~63), v = table + ((<usize>(4 * c) + 63) & ~63);
  const m = v + <usize>pointsOf(kind) * inStep;
  const start = partStart(tiles, part, parts), end = partStart(tiles, part + 1, parts);
  if (start == end) memory.fill(sums, 0, ptr(args, 16));
  for (let first = start; first < end; first += block) {
    const count = min(block, end - first);
    transformTiles(args, v, m, first, 0, count, block, scratch);
    sumProducts(kind, v, inStep, m, outStep, count, block, block, c, columns, sums, sumStep, <usize>columns << 2, first > start, table, scratch);
  }
}

/**
 * dw [9][c, k] = Gᵀ (Σ of the shares' sums, in their order) G.
 * args: sums, dw, c, k, shares, bytes of sums for each share, bytes between filters, kind, scratch, bytes of scratch for each thread.
 */
export function winogradFilterGradTaps(args: usize, part: i32, parts: i32, thread: i32): void {
  const sums = ptr(args, 0), dw = ptr(args, 1), c = int(args, 2), k = int(args, 3), shares = int(args, 4);
  const shareBytes = ptr(args, 5), sumStep = ptr(args, 6), kind = int(args, 7);
  const scratch = ptr(args, 8) + (<usize>thread) * ptr(args, 9);
  const rowBytes = <usize>((k + 7) & ~7) << 2, filters = filtersOf(kind), end = partStart(c, part + 1, parts);
  for (let row = partStart(c, part, parts); row < end; row++) {
    for (let j = 0; j < k; j += 4) {
      const at = sums + <usize>row * rowBytes + (<usize>j << 2);
      for (let filter = 0; filter < filters; filter++) {
        const to = at + <usize>filter * sumStep;
        let sum = v128.load(to);
        for (let share = 1; share < shares; share++) sum = f32x4.add(sum, v128.load(to + <usize>share * shareBytes));
        v128.store(to, sum);
      }
      putTaps(kind, at, sumStep, dw, c, k, row, j, k - j, false, scratch);
    }
  }
}
