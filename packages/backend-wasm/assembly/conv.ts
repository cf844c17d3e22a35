import { int, partStart, ptr } from './args';
import { microTaps4x16 } from './conv-micro-4x16';
import { gatherRows, placePixels, tapPointers } from './conv-pixels';
import { macro } from './gemm-micro';
import { packColumnsB, packRowsA } from './pack';
import { madd } from './simd';
import { MR, PANELS } from './variant';

// Convolutions as matrix products whose left side is read from the image in place: a row for each output pixel, a column for each
// (tap, channel). A tap is an offset (Δh, Δw) from the pixel's place in the image. Where a row is one run of numbers (one tap, or
// few channels, gathered), it is packed and multiplied as any other matrix.

/**
 * The filter [tap, c, k] as packed B of the input gradient, rows (tap, k) for the listed taps, columns c.
 * args: filter, packed, tap numbers, taps, c, k.
 */
export function convPackFilterTransposed(args: usize, part: i32, parts: i32): void {
  const filter = ptr(args, 0), packed = ptr(args, 1), list = ptr(args, 2), taps = int(args, 3);
  const c = int(args, 4), k = int(args, 5);
  const panels = (c + 7) / 8, panelBytes = (<usize>(taps * k)) << 5, rowBytes = (<usize>k) << 2;
  const end = partStart(panels, part + 1, parts);
  for (let panel = partStart(panels, part, parts); panel < end; panel++) {
    for (let t = 0; t < taps; t++) {
      const row = <usize>(load<i32>(list + ((<usize>t) << 2)) * c + panel * 8);
      const dst = packed + (<usize>panel) * panelBytes + ((<usize>(t * k)) << 5);
      packColumnsB(filter + row * rowBytes, rowBytes, min(8, c - panel * 8), k, dst);
    }
  }
}

/**
 * Output block [4, 8] = max(bias + Σ_tap of rows of `channels` values · panel of B, floor). The addresses of four rows for each tap
 * stand one after the other in `table`, those of the four output rows at `rows`.
 */
function microTaps(taps: i32, channels: i32, table: usize, b: usize, bias: usize, floor: f32, rows: usize, column: usize): void {
  let c00 = v128.load(bias), c01 = v128.load(bias, 16);
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
  const last = table + (<usize>taps << 4), bytes = <usize>channels << 5;
  do {
    let a0 = <usize>load<u32>(table), a1 = <usize>load<u32>(table, 4), a2 = <usize>load<u32>(table, 8), a3 = <usize>load<u32>(table, 12);
    const end = b + bytes;
    do {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(a0);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(a1);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(a2);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(a3);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      a0 += 4;
      a1 += 4;
      a2 += 4;
      a3 += 4;
      b += 32;
    } while (b < end);
    table += 16;
  } while (table < last);
  const least = f32x4.splat(floor);
  let to = <usize>load<u32>(rows) + column;
  v128.store(to, f32x4.max(c00, least));
  v128.store(to, f32x4.max(c01, least), 16);
  to = <usize>load<u32>(rows, 4) + column;
  v128.store(to, f32x4.max(c10, least));
  v128.store(to, f32x4.max(c11, least), 16);
  to = <usize>load<u32>(rows, 8) + column;
  v128.store(to, f32x4.max(c20, least));
  v128.store(to, f32x4.max(c21, least), 16);
  to = <usize>load<u32>(rows, 12) + column;
  v128.store(to, f32x4.max(c30, least));
  v128.store(to, f32x4.max(c31, least), 16);
}

/** The addresses of the pixels' places in the target, which is a grid of its own. */
function placeTargets(
  first: i32, count: i32, gridH: i32, gridW: i32, target: usize, height: i32, width: i32, strideH: i32, strideW: i32, offsetH: i32,
  offsetW: i32, pixelBytes: usize, rows: usize,
): void {
  let j = first % gridW, i = (first / gridW) % gridH, picture = first / (gridW * gridH);
  for (let p = 0; p < count; p++) {
    const at = (picture * height + i * strideH + offsetH) * width + j * strideW + offsetW;
    store<u32>(rows + (<usize>p << 2), <u32>(target + <usize>at * pixelBytes));
    if (++j == gridW) {
      j = 0;
      if (++i == gridH) {
        i = 0;
        picture++;
      }
    }
  }
}

/**
 * target[n, i·dstStride + dstOffset, …, :] = (bias +) Σ_tap image[n, i·stride + Δtap, …, :] · B[tap], then ReLU, for
 * every i of a grid; taps outside the image count 0. The forward convolution has dstStride 1; the input gradient is a
 * sum of such, one for each remainder of the position by the stride.
 * args: image, packed B, target, tap offsets (Δh, Δw), taps, batch, image height, width, channels, grid height, width,
 * stride h, w, target channels, height, width, dstStride h, w, dstOffset h, w, bias, relu, block rows, gather the taps'
 * channels first, scratch, bytes of scratch for each thread.
 */
export function convGather(args: usize, part: i32, parts: i32, thread: i32): void {
  const image = ptr(args, 0), b = ptr(args, 1), target = ptr(args, 2), offsets = ptr(args, 3);
  const taps = int(args, 4), batch = int(args, 5), height = int(args, 6), width = int(args, 7), channels = int(args, 8);
  const gridH = int(args, 9), gridW = int(args, 10), strideH = int(args, 11), strideW = int(args, 12);
  const n = int(args, 13), targetH = int(args, 14), targetW = int(args, 15);
  const bias = ptr(args, 20), relu = int(args, 21) != 0, floor: f32 = relu ? 0 : -Infinity, block = int(args, 22), gathered = int(args, 23) != 0;
  const scratch = ptr(args, 24) + (<usize>thread) * ptr(args, 25);

  const k = taps * channels, pixelBytes = <usize>channels << 2, panelBytes = <usize>k << 5, rowBytes = <usize>n << 2;
  const listBytes = <usize>block << 2, wideBytes = ((rowBytes + 31) & ~31);
  const runs = gathered ? 1 : taps, length = gathered ? k : channels, runBytes = <usize>length << 2;
  const edge = scratch, edgeRows = edge + 128, start = edgeRows + 16, zeros = start + wideBytes, rows = zeros + ((runBytes + 15) & ~15);
  const places = rows + listBytes, table = places + 3 * listBytes, packed = table + (gathered ? 4 : <usize>taps) * listBytes;
  const packedA = packed + (gathered ? (<usize>(block * k)) << 2 : 0), idle = packedA + (<usize>(block * length) << 2), aside = idle + wideBytes;
  for (let i = 0; i < 4; i++) store<u32>(edgeRows + (<usize>i << 2), <u32>(edge + (<usize>i << 5)));
  memory.fill(start, 0, zeros - start + runBytes);
  if (bias != 0) memory.copy(start, bias, rowBytes);

  const m = batch * gridH * gridW, blocks = (m + block - 1) / block;
  const end = partStart(blocks, part + 1, parts);
  for (let item = partStart(blocks, part, parts); item < end; item++) {
    const first = item * block, count = min(block, m - first);
    placeTargets(first, count, gridH, gridW, target, targetH, targetW, int(args, 16), int(args, 17), int(args, 18), int(args, 19), rowBytes, rows);
    if (k == 0) {
      for (let p = 0; p < count; p++) memory.fill(<usize>load<u32>(rows + (<usize>p << 2)), 0, rowBytes);
      continue;
    }
    placePixels(first, count, gridH, gridW, strideH, strideW, image, height, width, pixelBytes, places, block);
    if (gathered) {
      gatherRows(places, block, count, offsets, taps, height, width, channels, zeros, table, packed, <usize>k << 2);
      for (let p = 0; p < block; p++) store<u32>(table + (<usize>p << 2), <u32>(packed + (<usize>(p * k) << 2)));
    } else {
      for (let tap = 0; tap < taps; tap++) {
        const dh = load<i32>(offsets + (<usize>tap << 3)), dw = load<i32>(offsets + (<usize>tap << 3), 4);
        tapPointers(places, block, count, dh, dw, height, width, pixelBytes, zeros, table + (<usize>tap << 4), <usize>taps << 4);
      }
    }
    if (runs == 1 && bias == 0 && !relu) {
      packRowsA(table, count, length, zeros, packedA);
      for (let p = count; p % MR != 0; p++) store<u32>(rows + (<usize>p << 2), <u32>idle);
      macro(length, count, n, packedA, <usize>MR * runBytes, b, panelBytes, rows, 0, 0, 0, aside);
      continue;
    }
    let panel = b;
    for (let j = 0; j < n; ) {
      const column = <usize>j << 2, two = PANELS == 2 && j + 16 <= n && count % 4 == 0;
      for (let p = 0; p < count; p += 4) {
        const pointers = table + (<usize>(p * runs) << 2), to = rows + (<usize>p << 2);
        if (two) {
          microTaps4x16(runs, length, pointers, panel, panel + panelBytes, start + column, floor, to, column);
          continue;
        }
        if (p + 4 <= count && j + 8 <= n) {
          microTaps(runs, length, pointers, panel, start + column, floor, to, column);
          continue;
        }
        microTaps(runs, length, pointers, panel, start + column, floor, edgeRows, 0);
        for (let i = 0; i < min(4, count - p); i++) {
          memory.copy(<usize>load<u32>(to + (<usize>i << 2)) + column, edge + (<usize>i << 5), <usize>min(8, n - j) << 2);
        }
      }
      panel += two ? 2 * panelBytes : panelBytes;
      j += two ? 16 : 8;
    }
  }
}
