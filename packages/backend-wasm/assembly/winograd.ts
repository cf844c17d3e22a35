import { int, partStart, ptr } from './args';
import { ACCUMULATE, MACRO_SCRATCH, macro, macroRows } from './gemm-micro';
import { highLanes, highPairs, loadLanes, lowLanes, lowPairs, storeLanes } from './simd';
import { MR } from './variant';
import { columnsAT, LINES, rowAT, tileA, tileBT, tileG, tileGT } from './winograd-tiles';

// Winograd's F(4×4, 3×3) for 3×3 convolutions of stride 1. Every 4×4 tile of the output takes a 6×6 patch of the input
// to 36 vectors of channels, is multiplied there by 36 transformed filters, and comes back: 36 matrix products with a
// quarter of the multiplications. The gradients are the transposes of the same steps.

// One part's scratch begins with small tables: transform lines, 36 pixel addresses for each of four tiles, the same for
// channels that do not fill a vector, 36 vectors for those, 36 vectors of results.
const TABLE: usize = LINES;
const TABLE_BYTES: usize = 36 * 4;
const TAIL_TABLE: usize = TABLE + 4 * TABLE_BYTES;
const TAIL: usize = TAIL_TABLE + TABLE_BYTES;
const RESULT: usize = TAIL + 36 * 16;
/** Where the zeros, and after them the blocks of the kernel, begin. */
const ZEROS: usize = (RESULT + 36 * 16 + MACRO_SCRATCH + 63) & ~63;

function prepare(scratch: usize, zeroBytes: usize): void {
  memory.fill(scratch + ZEROS, 0, zeroBytes);
  for (let i: usize = 0; i < 36; i++) store<u32>(scratch + TAIL_TABLE + (i << 2), <u32>(scratch + TAIL + (i << 4)));
}

/** The addresses of a `size`×`size` patch at (top, left) of an image, `outside` beyond its edges. */
function patch(
  table: usize, size: i32, image: usize, top: i32, left: i32, height: i32, width: i32, pixelBytes: usize, outside: usize,
): void {
  for (let i = top; i < top + size; i++) {
    const row = image + <usize>(i * width) * pixelBytes;
    for (let j = left; j < left + size; j++) {
      const inside = <u32>i < <u32>height && <u32>j < <u32>width;
      store<u32>(table, <u32>(inside ? row + <usize>j * pixelBytes : outside));
      table += 4;
    }
  }
}

/** Copies the last `count` < 4 channels of `pixels` pixels where the tail table finds them. */
function gatherTail(scratch: usize, table: usize, pixels: usize, offset: usize, count: i32): void {
  for (let i: usize = 0; i < pixels; i++) {
    const from = <usize>load<u32>(table + (i << 2)) + offset;
    v128.store(scratch + TAIL + (i << 4), loadLanes(from, count));
  }
}

/**
 * The filter's 36 transforms as packed B: [36][⌈n/8⌉][d][8]. Forward, the filter is [9][d, n]; for the input gradient
 * (`transposed`) it is [9][n, d] and turned by 180°.
 * args: filter, packed, d, n, transposed, bytes between transforms, scratch, bytes of scratch for each part.
 */
export function winogradFilter(args: usize, part: i32, parts: i32): void {
  const filter = ptr(args, 0), packed = ptr(args, 1), depth = int(args, 2), n = int(args, 3);
  const transposed = int(args, 4) != 0, step = ptr(args, 5);
  const scratch = ptr(args, 6) + (<usize>part) * ptr(args, 7), block = scratch + LINES;
  const panels = (n + 7) / 8, groups = (depth + 3) >> 2, end = 2 * partStart(panels * groups, part + 1, parts);
  for (let item = 2 * partStart(panels * groups, part, parts); item < end; item++) {
    // Both halves of a panel one after the other: whole cache lines are written.
    const panel = (item >> 1) / groups, d = ((item >> 1) % groups) * 4, rows = min(4, depth - d);
    const column = panel * 8 + (item & 1) * 4, columns = n - column;
    const to = packed + (<usize>(panel * depth) << 5) + (<usize>(item & 1) << 4);
    for (let tap = 0; tap < 9; tap++) {
      const at = block + (<usize>tap << 6);
      if (!transposed) {
        for (let r = 0; r < rows; r++) {
          const from = filter + ((<usize>(tap * depth + d + r) * <usize>n + <usize>column) << 2);
          v128.store(at + (<usize>r << 4), loadLanes(from, columns));
        }
        continue;
      }
      const from = filter + ((<usize>((8 - tap) * n + column) * <usize>depth + <usize>d) << 2), next = <usize>depth << 2;
      const zero = f32x4.splat(0);
      const x0 = columns > 0 ? loadLanes(from, rows) : zero, x1 = columns > 1 ? loadLanes(from + next, rows) : zero;
      const x2 = columns > 2 ? loadLanes(from + 2 * next, rows) : zero;
      const x3 = columns > 3 ? loadLanes(from + 3 * next, rows) : zero;
      const a = lowLanes(x0, x1), b = lowLanes(x2, x3), c = highLanes(x0, x1), e = highLanes(x2, x3);
      v128.store(at, lowPairs(a, b));
      v128.store(at, highPairs(a, b), 16);
      v128.store(at, lowPairs(c, e), 32);
      v128.store(at, highPairs(c, e), 48);
    }
    for (let r = 0; r < rows; r++) {
      tileG(block + (<usize>r << 4), 64, scratch, to + (<usize>(d + r) << 5), step);
    }
  }
}

/**
 * y = x ⋆ filter (+ bias, then ReLU), padded so that output (0, 0) sees the input from (−top, −left).
 * args: x, transformed filter, y, batch, height, width, c, out height, width, k, top, left, bias, relu, tiles in a
 * block (a multiple of MR), bytes between transforms of the filter, of the input, of the products, scratch, bytes of
 * scratch for each part.
 */
export function winogradForward(args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), filter = ptr(args, 1), y = ptr(args, 2), batch = int(args, 3);
  const height = int(args, 4), width = int(args, 5), c = int(args, 6);
  const outH = int(args, 7), outW = int(args, 8), k = int(args, 9), top = int(args, 10), left = int(args, 11);
  const bias = ptr(args, 12), relu = int(args, 13) != 0, block = int(args, 14);
  const filterStep = ptr(args, 15), inStep = ptr(args, 16), outStep = ptr(args, 17);
  const scratch = ptr(args, 18) + (<usize>part) * ptr(args, 19), table = scratch + TABLE, result = scratch + RESULT;
  const inBytes = <usize>((c + 3) & ~3) << 2, outBytes = <usize>((k + 7) & ~7) << 2;
  const v = scratch + ZEROS + ((inBytes + 63) & ~63), m = v + 36 * inStep;
  const pixelBytes = <usize>c << 2, outPixelBytes = <usize>k << 2;
  prepare(scratch, inBytes);

  const across = (outW + 3) >> 2, perImage = across * ((outH + 3) >> 2), tiles = batch * perImage;
  const blocks = (tiles + block - 1) / block, end = partStart(blocks, part + 1, parts);
  for (let item = partStart(blocks, part, parts); item < end; item++) {
    const first = item * block, count = min(block, tiles - first);
    // Whole register blocks: the last tile fills them up.
    const rounded = (count + MR - 1) / MR * MR;
    for (let t = 0; t < rounded; t++) {
      const tile = min(first + t, tiles - 1), picture = tile / perImage, place = tile % perImage;
      const i = (place / across) * 4 - top, j = (place % across) * 4 - left;
      const image = x + <usize>(picture * height * width) * pixelBytes;
      patch(table, 6, image, i, j, height, width, pixelBytes, scratch + ZEROS);
      let to = v + <usize>t * inBytes, ch = 0;
      for (; ch + 4 <= c; ch += 4) {
        tileBT(table, <usize>ch << 2, scratch, to, inStep);
        to += 16;
      }
      if (ch < c) {
        gatherTail(scratch, table, 36, <usize>ch << 2, c - ch);
        tileBT(scratch + TAIL_TABLE, 0, scratch, to, inStep);
      }
    }
    for (let xi: usize = 0; xi < 36; xi++) {
      macroRows(c, rounded, (k + 7) >> 3, v + xi * inStep, inBytes, filter + xi * filterStep, <usize>c << 5, m + xi * outStep, outBytes);
    }
    for (let t = 0; t < count; t++) {
      const tile = first + t, picture = tile / perImage, place = tile % perImage;
      const i = (place / across) * 4, j = (place % across) * 4;
      const image = y + <usize>(picture * outH * outW) * outPixelBytes;
      const from = m + <usize>t * outBytes;
      if (i + 4 <= outH && j + 4 <= outW && (k & 3) == 0 && bias == 0 && !relu) {
        let to = image + <usize>(i * outW + j) * outPixelBytes;
        for (let ch: usize = 0; ch < outPixelBytes; ch += 16) {
          columnsAT(from + ch, outStep, scratch);
          for (let r = 0; r < 4; r++) rowAT(scratch, r, to + <usize>(r * outW) * outPixelBytes, outPixelBytes);
          to += 16;
        }
        continue;
      }
      patch(table, 4, image, i, j, outH, outW, outPixelBytes, 0);
      for (let ch = 0; ch < k; ch += 4) {
        columnsAT(from + (<usize>ch << 2), outStep, scratch);
        for (let r = 0; r < 4; r++) rowAT(scratch, r, result + (<usize>r << 6), 16);
        const shift = bias != 0 ? loadLanes(bias + (<usize>ch << 2), k - ch) : f32x4.splat(0);
        for (let p: usize = 0; p < 16; p++) {
          const to = <usize>load<u32>(table + (p << 2));
          if (to == 0) continue;
          let value = f32x4.add(v128.load(result + (p << 4)), shift);
          if (relu) value = f32x4.max(value, f32x4.splat(0));
          storeLanes(to + (<usize>ch << 2), value, k - ch);
        }
      }
    }
  }
}

/** Puts 36 vectors of channels ch … ch+3 into panels of MR rows, at step `t` of `capacity`. */
function storePanels(from: usize, to: usize, ch: i32, t: i32, capacity: i32, step: usize): void {
  const panelBytes = <usize>(capacity * MR) << 2;
  const low = to + <usize>(ch / MR) * panelBytes + (<usize>(t * MR + ch % MR) << 2);
  const high = to + <usize>((ch + 2) / MR) * panelBytes + (<usize>(t * MR + (ch + 2) % MR) << 2);
  for (let xi: usize = 0; xi < 36; xi++) {
    const value = v128.load(from + (xi << 4)), offset = xi * step;
    v128.store64_lane(low + offset, value, 0);
    v128.store64_lane(high + offset, value, 1);
  }
}

/**
 * Transforms tiles [first, first + count) of x and of dy for the filter gradient: of x into packed A
 * [36][⌈c/MR⌉][count][MR], of dy into packed B [36][⌈k/8⌉][count][8].
 * args: x, dy, packed x, packed dy, height, width, c, out height, width, k, top, left, first, count, bytes between
 * transforms of x, of dy, scratch, bytes of scratch for each part.
 */
export function winogradGradTiles(args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), dy = ptr(args, 1), v = ptr(args, 2), m = ptr(args, 3);
  const height = int(args, 4), width = int(args, 5), c = int(args, 6);
  const outH = int(args, 7), outW = int(args, 8), k = int(args, 9), top = int(args, 10), left = int(args, 11);
  const first = int(args, 12), count = int(args, 13), inStep = ptr(args, 14), outStep = ptr(args, 15);
  const scratch = ptr(args, 16) + (<usize>part) * ptr(args, 17), table = scratch + TABLE, result = scratch + RESULT;
  const pixelBytes = <usize>c << 2, outPixelBytes = <usize>k << 2, panelBytes = <usize>count << 5;
  prepare(scratch, <usize>((max(c, k) + 3) & ~3) << 2);

  const across = (outW + 3) >> 2, perImage = across * ((outH + 3) >> 2);
  const end = partStart(count, part + 1, parts);
  // Four tiles at a time, whose values for one channel stand side by side: whole cache lines are written.
  for (let t0 = partStart(count, part, parts); t0 < end; t0 += 4) {
    const tiles = min(4, end - t0);
    for (let u = 0; u < tiles; u++) {
      const tile = first + t0 + u, picture = tile / perImage, place = tile % perImage;
      const i = (place / across) * 4 - top, j = (place % across) * 4 - left;
      const image = x + <usize>(picture * height * width) * pixelBytes;
      patch(table + <usize>u * TABLE_BYTES, 6, image, i, j, height, width, pixelBytes, scratch + ZEROS);
    }
    for (let ch = 0; ch < c; ch += 4) {
      for (let u = 0; u < tiles; u++) {
        let pixels = table + <usize>u * TABLE_BYTES, offset = <usize>ch << 2;
        if (ch + 4 > c) {
          gatherTail(scratch, pixels, 36, offset, c - ch);
          pixels = scratch + TAIL_TABLE;
          offset = 0;
        }
        if (MR == 4) {
          tileBT(pixels, offset, scratch, v + (<usize>(ch * count + (t0 + u) * 4) << 2), inStep);
        } else {
          tileBT(pixels, offset, scratch, result, 16);
          storePanels(result, v, ch, t0 + u, count, inStep);
        }
      }
    }
    for (let u = 0; u < tiles; u++) {
      const tile = first + t0 + u, picture = tile / perImage, place = tile % perImage;
      const i = (place / across) * 4, j = (place % across) * 4;
      const image = dy + <usize>(picture * outH * outW) * outPixelBytes;
      patch(table + <usize>u * TABLE_BYTES, 4, image, i, j, outH, outW, outPixelBytes, scratch + ZEROS);
    }
    for (let ch8 = 0; ch8 < k; ch8 += 8) {
      for (let u = 0; u < tiles; u++) {
        for (let ch = ch8; ch < min(ch8 + 8, k); ch += 4) {
          let pixels = table + <usize>u * TABLE_BYTES, offset = <usize>ch << 2;
          if (ch + 4 > k) {
            gatherTail(scratch, pixels, 16, offset, k - ch);
            pixels = scratch + TAIL_TABLE;
            offset = 0;
          }
          const to = m + <usize>(ch >> 3) * panelBytes + (<usize>(t0 + u) << 5) + (<usize>(ch & 4) << 2);
          tileA(pixels, offset, scratch, to, outStep);
        }
      }
    }
  }
}

/**
 * dw [9][c, k] (+)= Gᵀ (Σ over the transformed tiles) G. The sums of a block of channels stay in the cache for all 36
 * transforms.
 * args: packed x, packed dy, dw, count, c, k, bytes between transforms of x, of dy, add to dw, block rows (a multiple
 * of MR), block columns (of 8), block depth, scratch, bytes of scratch for each part.
 */
export function winogradFilterGrad(args: usize, part: i32, parts: i32): void {
  const v = ptr(args, 0), m = ptr(args, 1), dw = ptr(args, 2), count = int(args, 3), c = int(args, 4), k = int(args, 5);
  const inStep = ptr(args, 6), outStep = ptr(args, 7), add = int(args, 8) != 0;
  const rows = int(args, 9), columns = int(args, 10), depth = int(args, 11);
  const scratch = ptr(args, 12) + (<usize>part) * ptr(args, 13), result = scratch + RESULT;
  const table = scratch + ZEROS, sums = table + ((<usize>(4 * rows) + 63) & ~63);
  const sumStep = (<usize>(rows * columns) << 2) + 64, aBytes = <usize>(count * MR) << 2, bBytes = <usize>count << 5;

  const cBlocks = (c + rows - 1) / rows, kBlocks = (k + columns - 1) / columns;
  const end = partStart(cBlocks * kBlocks, part + 1, parts);
  for (let item = partStart(cBlocks * kBlocks, part, parts); item < end; item++) {
    const row = (item % cBlocks) * rows, column = (item / cBlocks) * columns;
    const high = min(rows, c - row), wide = min(columns, k - column), wide8 = (wide + 7) & ~7;
    for (let xi: usize = 0; xi < 36; xi++) {
      for (let r = 0; r < high; r++) {
        store<u32>(table + (<usize>r << 2), <u32>(sums + xi * sumStep + (<usize>(r * columns) << 2)));
      }
      const a = v + xi * inStep + <usize>(row / MR) * aBytes, b = m + xi * outStep + <usize>(column >> 3) * bBytes;
      for (let t = 0; t < count; t += depth) {
        macro(
          min(depth, count - t), high, wide8, a + (<usize>(t * MR) << 2), aBytes, b + (<usize>t << 5), bBytes,
          table, 0, 0, t > 0 ? ACCUMULATE : 0, result + 36 * 16,
        );
      }
    }
    for (let r = 0; r < high; r++) {
      for (let j = 0; j < wide; j += 4) {
        tileGT(sums + (<usize>(r * columns + j) << 2), sumStep, scratch, result);
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
