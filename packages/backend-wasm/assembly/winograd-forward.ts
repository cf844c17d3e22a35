import { int, partStart, pieceStart, ptr } from './args';
import { macroSpans } from './gemm-rows';
import { loadLanes, storeLanes } from './simd';
import { MR } from './variant';
import { LANES } from './winograd-lanes';
import { DENSE, filterOf, filtersOf, LARGE, pointsOf, targetHeight, targetTile, targetWidth, WIDE } from './winograd-kinds';
import { largeAT } from './winograd-large-tiles';
import { TAPS, transformPanels } from './winograd-panel';
import { patch, prepare, RESULT, TABLE, ZEROS } from './winograd-patch';
import { tilesAcross, tilesDown, transformImage } from './winograd-points';
import { columnsAT, rowAT } from './winograd-tiles';
import { wideAT } from './winograd-wide-tiles';

// target = image ⋆ filter, seen from (−top, −left). Every tile of the target takes a patch of the image to its points, is
// multiplied there by the transformed filter, and comes back.

/**
 * The way back: channels first … first+channels of a tile from one row of the matrices of products, `step` bytes apart, into
 * the target, which has k channels.
 */
function transformTarget(
  kind: i32, from: usize, step: usize, target: usize, outH: i32, outW: i32, k: i32, first: i32, channels: i32, tile: i32,
  across: i32, perImage: i32, bias: usize, relu: bool, scratch: usize,
): void {
  const table = scratch + TABLE, result = scratch + RESULT, pixelBytes = <usize>k << 2;
  const high = targetHeight(kind), wide = targetWidth(kind);
  const picture = tile / perImage, place = tile % perImage, i = (place / across) * high, j = (place % across) * wide;
  const image = target + <usize>(picture * outH * outW) * pixelBytes + (<usize>first << 2);
  const lanes = <i32>(LANES >> 2);
  if ((kind == DENSE || kind == WIDE || kind == LARGE) && i + high <= outH && j + wide <= outW && channels % lanes == 0 && bias == 0 && !relu) {
    let to = image + <usize>(i * outW + j) * pixelBytes;
    for (let ch = 0; ch < channels; ch += lanes) {
      if (kind == WIDE) {
        wideAT(from, step, scratch, to, <usize>outW * pixelBytes, pixelBytes);
      } else if (kind == LARGE) {
        largeAT(from, step, scratch, to, <usize>outW * pixelBytes, pixelBytes);
      } else {
        columnsAT(from, step, scratch);
        for (let r = 0; r < 4; r++) rowAT(scratch, r, to + <usize>(r * outW) * pixelBytes, pixelBytes);
      }
      from += LANES;
      to += LANES;
    }
    return;
  }
  patch(table, high, wide, image, i, j, outH, outW, pixelBytes, 0);
  const pixels = <usize>(high * wide);
  for (let start = 0; start < channels; start += lanes) {
    targetTile(kind, from + (<usize>start << 2), step, scratch, result);
    for (let ch = start; ch < min(start + lanes, channels); ch += 4) {
      const shift = bias != 0 ? loadLanes(bias + (<usize>(first + ch) << 2), channels - ch) : f32x4.splat(0);
      let value = result + (<usize>(ch - start) << 2);
      for (let p: usize = 0; p < pixels; p++) {
        const to = <usize>load<u32>(table + (p << 2));
        if (to != 0) {
          let sum = f32x4.add(v128.load(value), shift);
          if (relu) sum = f32x4.max(sum, f32x4.splat(0));
          storeLanes(to + (<usize>ch << 2), sum, channels - ch);
        }
        value += LANES;
      }
    }
  }
}

/**
 * The target, a block of tiles going all the way (+ bias, then ReLU) while the filter passes by; for filters that stay in
 * the cache.
 * args: image, transformed filter, target, batch, height, width, c, target height, target width, k, top, left, bias, relu,
 * tiles in a block (a multiple of MR), bytes between points of the filter, of the image, of the products, kind, scratch,
 * bytes of scratch for each thread, products in a sum.
 */
export function winogradForward(args: usize, part: i32, parts: i32, thread: i32): void {
  const x = ptr(args, 0), filter = ptr(args, 1), y = ptr(args, 2), batch = int(args, 3);
  const height = int(args, 4), width = int(args, 5), c = int(args, 6);
  const outH = int(args, 7), outW = int(args, 8), k = int(args, 9), top = int(args, 10), left = int(args, 11);
  const bias = ptr(args, 12), relu = int(args, 13) != 0, block = int(args, 14);
  const filterStep = ptr(args, 15), inStep = ptr(args, 16), outStep = ptr(args, 17), kind = int(args, 18);
  const scratch = ptr(args, 19) + (<usize>thread) * ptr(args, 20);
  const inWide = (c + 7) & ~7, inBytes = <usize>inWide << 2, outBytes = <usize>((k + 7) & ~7) << 2, points = pointsOf(kind);
  const v = scratch + ZEROS + ((inBytes + 63) & ~63), m = v + <usize>points * inStep, sums = m + <usize>points * outStep;
  const panels = (k + 7) >> 3, span = int(args, 21);
  prepare(scratch, inBytes);

  const across = tilesAcross(kind, outW), perImage = across * tilesDown(kind, outH);
  // Parts begin at whole register blocks, so that they are of one size even where the blocks of tiles are few.
  const tiles = batch * perImage, units = (tiles + MR - 1) / MR, end = min(tiles, partStart(units, part + 1, parts) * MR);
  for (let first = partStart(units, part, parts) * MR; first < end; first += block) {
    const count = min(block, end - first);
    // Whole register blocks: the last tile fills them up.
    const rounded = (count + MR - 1) / MR * MR;
    transformImage(kind, x, height, width, c, top, left, across, perImage, first, rounded, tiles - 1, v, inWide, 0, inStep, scratch);
    for (let xi = 0; xi < points; xi++) {
      const from = v + <usize>xi * inStep, by = filter + <usize>filterOf(kind, xi) * filterStep;
      const to = m + <usize>xi * outStep;
      macroSpans(span, false, c, count, panels, from, inBytes, by, <usize>c << 5, to, outBytes, sums);
    }
    for (let t = 0; t < count; t++) {
      const from = m + <usize>t * outBytes;
      transformTarget(kind, from, outStep, y, outH, outW, k, 0, k, first + t, across, perImage, bias, relu, scratch);
    }
  }
}

/**
 * All tiles of the image, transformed: v [points][tiles, c], with whole register blocks of tiles.
 * args: image, v, batch, height, width, c, target height, target width, top, left, bytes between points, kind, scratch,
 * bytes of scratch for each thread.
 */
export function winogradImage(args: usize, part: i32, parts: i32, thread: i32): void {
  const x = ptr(args, 0), v = ptr(args, 1), batch = int(args, 2), height = int(args, 3), width = int(args, 4);
  const c = int(args, 5), outH = int(args, 6), outW = int(args, 7), top = int(args, 8), left = int(args, 9);
  const step = ptr(args, 10), kind = int(args, 11), scratch = ptr(args, 12) + (<usize>thread) * ptr(args, 13);
  const wide = (c + 7) & ~7;
  prepare(scratch, <usize>wide << 2);
  const across = tilesAcross(kind, outW), perImage = across * tilesDown(kind, outH);
  const tiles = batch * perImage, rounded = (tiles + MR - 1) / MR * MR;
  const first = partStart(rounded, part, parts), count = partStart(rounded, part + 1, parts) - first;
  const to = v + <usize>first * (<usize>wide << 2);
  transformImage(kind, x, height, width, c, top, left, across, perImage, first, count, tiles - 1, to, wide, 0, step, scratch);
}

/**
 * The rest of the way for large filters: a block of the target's channels, and of the filter's rows, at a time is transformed on the
 * spot and stays in the cache while a block of tiles passes by. Blocks of rows are transformed anew for each block of tiles.
 * args: v as above, filter, target, batch, target height, target width, c, k, transposed, bias, relu, channels in a block
 * (a multiple of 8, up to 64), tiles in a block (of MR), bytes between points of the image, of the filter, of the products, kind,
 * scratch, bytes of scratch for each thread, rows of the filter in a block (a multiple of 4, or all),
 * products in a sum, blocks of channels that are a part each, parts that each of those in the middle is split into.
 */
export function winogradColumns(args: usize, part: i32, parts: i32, thread: i32): void {
  const v = ptr(args, 0), filter = ptr(args, 1), y = ptr(args, 2), batch = int(args, 3), outH = int(args, 4);
  const outW = int(args, 5), c = int(args, 6), k = int(args, 7), transposed = int(args, 8) != 0, bias = ptr(args, 9);
  const relu = int(args, 10) != 0, columns = int(args, 11), block = int(args, 12), inStep = ptr(args, 13);
  const filterStep = ptr(args, 14), outStep = ptr(args, 15), kind = int(args, 16);
  const scratch = ptr(args, 17) + (<usize>thread) * ptr(args, 18), taps = scratch + ZEROS, u = taps + TAPS;
  const m = u + <usize>filtersOf(kind) * filterStep, sums = m + <usize>pointsOf(kind) * outStep;
  const inBytes = <usize>((c + 7) & ~7) << 2, outBytes = <usize>columns << 2, depth = int(args, 19), span = int(args, 20);
  const across = tilesAcross(kind, outW), perImage = across * tilesDown(kind, outH);
  const tiles = batch * perImage, points = pointsOf(kind), whole = int(args, 21), pieces = int(args, 22), piece = (columns / pieces + 7) & ~7;

  const column = pieceStart(part, parts, whole, pieces, columns, piece);
  const wide = min(k, pieceStart(part + 1, parts, whole, pieces, columns, piece)) - column, panels = (wide + 7) >> 3;
  if (wide <= 0) return;
  for (let first = 0; first < tiles; first += block) {
    const count = min(block, tiles - first);
    for (let d = 0; d < c; d += depth) {
      const deep = min(depth, c - d), panelBytes = <usize>deep << 5;
      if (first == 0 || depth < c) {
        for (let row = 0; row < deep; row += 4) {
          transformPanels(kind, filter, c, k, transposed, d + row, column, panels, u + (<usize>row << 5), panelBytes, filterStep, taps, scratch);
        }
      }
      const rows = v + <usize>first * inBytes + (<usize>d << 2);
      for (let xi = 0; xi < points; xi++) {
        const from = rows + <usize>xi * inStep, by = u + <usize>filterOf(kind, xi) * filterStep, to = m + <usize>xi * outStep;
        macroSpans(span, d > 0, deep, count, panels, from, inBytes, by, panelBytes, to, outBytes, sums);
      }
    }
    for (let t = 0; t < count; t++) {
      const from = m + <usize>t * outBytes;
      transformTarget(kind, from, outStep, y, outH, outW, k, column, wide, first + t, across, perImage, bias, relu, scratch);
    }
  }
}
