import { int, partStart, ptr } from './args';
import { ACCUMULATE, macro } from './gemm-micro';
import { loadLanes, storeLanes } from './simd';
import { MR } from './variant';
import {
  filterOf, filterTaps, imageHeight, imagePoints, imageWidth, pointsOf, slopePoints, stepDown, stepRight, targetWidth,
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
 * Transforms tiles [first, first + count) of x and of dy for the filter gradient: of x into packed A
 * [points][⌈c/MR⌉][count][MR], of dy into packed B [points][⌈k/8⌉][count][8].
 * args: x, dy, packed x, packed dy, height, width, c, out height, width, k, top, left, first, count, bytes between
 * points of x, of dy, kind, scratch, bytes of scratch for each thread.
 */
export function winogradGradTiles(args: usize, part: i32, parts: i32, thread: i32): void {
  const x = ptr(args, 0), dy = ptr(args, 1), v = ptr(args, 2), m = ptr(args, 3);
  const height = int(args, 4), width = int(args, 5), c = int(args, 6);
  const outH = int(args, 7), outW = int(args, 8), k = int(args, 9), top = int(args, 10), left = int(args, 11);
  const first = int(args, 12), count = int(args, 13), inStep = ptr(args, 14), outStep = ptr(args, 15), kind = int(args, 16);
  const scratch = ptr(args, 17) + (<usize>thread) * ptr(args, 18), table = scratch + TABLE, result = scratch + RESULT;
  const pixelBytes = <usize>c << 2, outPixelBytes = <usize>k << 2, panelBytes = <usize>count << 5;
  const rows = imageHeight(kind), columns = imageWidth(kind), wide = targetWidth(kind), points = <usize>pointsOf(kind);
  const down = stepDown(kind), right = stepRight(kind);
  prepare(scratch, <usize>((max(c, k) + 3) & ~3) << 2);

  const across = (outW + wide - 1) / wide, perImage = across * ((outH + 3) >> 2);
  const end = partStart(count, part + 1, parts);
  // Four tiles at a time, whose values for one channel stand side by side: whole cache lines are written.
  for (let t0 = partStart(count, part, parts); t0 < end; t0 += 4) {
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
          imagePoints(kind, pixels, offset, scratch, v + (<usize>(ch * count + (t0 + u) * 4) << 2), inStep);
        } else {
          imagePoints(kind, pixels, offset, scratch, result, 16);
          storePanels(points, result, v, ch, t0 + u, count, inStep);
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
 * dw [9][c, k] (+)= Gᵀ (Σ over the transformed tiles) G. The sums of a block of channels stay in the cache for all 36
 * transforms.
 * args: packed x, packed dy, dw, count, c, k, bytes between transforms of x, of dy, add to dw, block rows (a multiple
 * of MR), block columns (of 8), block depth, kind, scratch, bytes of scratch for each thread.
 */
export function winogradFilterGrad(args: usize, part: i32, parts: i32, thread: i32): void {
  const v = ptr(args, 0), m = ptr(args, 1), dw = ptr(args, 2), count = int(args, 3), c = int(args, 4), k = int(args, 5);
  const inStep = ptr(args, 6), outStep = ptr(args, 7), add = int(args, 8) != 0;
  const rows = int(args, 9), columns = int(args, 10), depth = int(args, 11), kind = int(args, 12);
  const scratch = ptr(args, 13) + (<usize>thread) * ptr(args, 14), result = scratch + RESULT;
  const table = scratch + ZEROS, sums = table + ((<usize>(4 * rows) + 63) & ~63);
  const sumStep = (<usize>(rows * columns) << 2) + 64, aBytes = <usize>(count * MR) << 2, bBytes = <usize>count << 5;

  const points = pointsOf(kind), cBlocks = (c + rows - 1) / rows, kBlocks = (k + columns - 1) / columns;
  const end = partStart(cBlocks * kBlocks, part + 1, parts);
  for (let item = partStart(cBlocks * kBlocks, part, parts); item < end; item++) {
    const row = (item % cBlocks) * rows, column = (item / cBlocks) * columns;
    const high = min(rows, c - row), wide = min(columns, k - column), wide8 = (wide + 7) & ~7;
    for (let xi = 0, seen = -1; xi < points; xi++) {
      const by = filterOf(kind, xi), to = sums + <usize>by * sumStep;
      // Points of one filter follow upon its first.
      const again = by <= seen;
      seen = max(seen, by);
      for (let r = 0; r < high; r++) store<u32>(table + (<usize>r << 2), <u32>(to + (<usize>(r * columns) << 2)));
      const a = v + <usize>xi * inStep + <usize>(row / MR) * aBytes, b = m + <usize>xi * outStep + <usize>(column >> 3) * bBytes;
      for (let t = 0; t < count; t += depth) {
        macro(
          min(depth, count - t), high, wide8, a + (<usize>(t * MR) << 2), aBytes, b + (<usize>t << 5), bBytes,
          table, 0, 0, again || t > 0 ? ACCUMULATE : 0, scratch + BLOCK,
        );
      }
    }
    for (let r = 0; r < high; r++) {
      for (let j = 0; j < wide; j += 4) {
        filterTaps(kind, sums + (<usize>(r * columns + j) << 2), sumStep, scratch, result);
        let to = dw + ((<usize>(row + r) * <usize>k + <usize>(column + j)) << 2);
        for (let tap: usize = 0; tap < 9; tap++) {
          let value = v128.load(result + (tap << 4));
          if (add) value = f32x4.add(value, loadLanes(to, wide - j));
          storeLanes(to, value, wide - j);
          to += <usize>(c * k) << 2;
        }
      }
    }
  }
}
