import { int, partStart, ptr } from './args';
import { micro, NR } from './gemm-micro';
import { micro6x16 } from './gemm-micro-6x16';
import { loadLanes, storeLanes } from './simd';
import { MR, PANELS } from './variant';
import { filterOf, filtersOf, filterTaps, pointsOf } from './winograd-kinds';
import { LANES } from './winograd-lanes';
import { prepare, RESULT, ZEROS } from './winograd-patch';
import { tilesAcross, tilesDown, transformImage, transformSlopes } from './winograd-points';

/** Channels of dy in a panel of its transformed tiles, which is a run of cache lines: as many as a register block takes of it, or twice as many. */
const PANEL: i32 = 16;
const PANEL_BYTES: usize = <usize>PANEL << 2;

/**
 * Transforms tiles first … first+count of x and of dy for the filter gradient, into rows start … of blocks of `rows` channels and of panels,
 * [points][⌈c/rows⌉][capacity][rows] at `v` and [points][⌈k/PANEL⌉][capacity][PANEL] at `m`.
 * args: x, dy, height, width, c, out height, width, k, top, left, bytes between points of x, of dy, kind.
 */
function transformBoth(args: usize, v: usize, rows: i32, m: usize, first: i32, start: i32, count: i32, capacity: i32, scratch: usize): void {
  const c = int(args, 4), outH = int(args, 5), outW = int(args, 6), k = int(args, 7), kind = int(args, 12);
  const across = tilesAcross(kind, outW), perImage = across * tilesDown(kind, outH), last = first + count - 1;
  transformImage(
    kind, ptr(args, 0), int(args, 2), int(args, 3), c, int(args, 8), int(args, 9), across, perImage, first, count, last,
    v + (<usize>(start * rows) << 2), rows, <usize>(capacity * rows) << 2, ptr(args, 10), scratch,
  );
  transformSlopes(
    kind, ptr(args, 1), outH, outW, k, across, perImage, first, count, last,
    m + <usize>start * PANEL_BYTES, PANEL, <usize>capacity * PANEL_BYTES, ptr(args, 11), scratch,
  );
}

/** Zeros for the channels of a pixel of x or dy beyond the edges. */
function zeroBytes(args: usize): usize {
  return <usize>((max(int(args, 4), int(args, 7)) + 7) & ~7) << 2;
}

/** The first of the rows that register block `block` of `high` rows computes: whole blocks, the last of which may repeat some rows. */
function blockStart(block: i32, high: i32): i32 {
  return max(0, min(block * MR, high - MR));
}

/** Bytes of rows that stay in L1 until they are multiplied; more of them had better come one by one. */
const TOUCHED: usize = 48 * 1024;

/** Reads a number of each cache line, so that all are on their way at once. */
function touch(from: usize, bytes: usize, scratch: usize): void {
  let sum: f32 = 0;
  for (let i: usize = 0; i < bytes; i += 64) sum += load<f32>(from + i);
  store<f32>(scratch, sum);
}

/**
 * A block [rows `high`, columns `wide`] of the sums of one kind's filters, `sumStep` bytes apart and in rows of `rowBytes`, over
 * `count` transformed tiles, in steps of `depth`; the tiles' rows of x are `aBytes` long, the panels of dy `panelBytes` apart, and both `far` if they
 * are not in a cache of this core. `table` is scratch for the addresses of the rows, `idle` for a row that nobody wants.
 */
function sumProducts(
  kind: i32, a: usize, inStep: usize, aBytes: usize, b: usize, outStep: usize, panelBytes: usize, count: i32, depth: i32, high: i32, wide: i32,
  sums: usize, sumStep: usize, rowBytes: usize, add: bool, far: bool, table: usize, idle: usize,
): void {
  const points = pointsOf(kind), blocks = (high + MR - 1) / MR;
  const aTotal = <usize>count * aBytes, bTotal = <usize>((wide + PANEL - 1) / PANEL) * panelBytes, touched = far && aTotal + bTotal <= TOUCHED;
  for (let xi = 0, seen = -1; xi < points; xi++) {
    if (touched) {
      touch(a, aTotal, idle);
      touch(b, bTotal, idle);
    }
    const by = filterOf(kind, xi), to = sums + <usize>by * sumStep;
    // Points of one filter follow upon its first.
    const again = add || by <= seen;
    seen = max(seen, by);
    for (let block = 0; block < blocks; block++) {
      const start = blockStart(block, high);
      for (let r = 0; r < MR; r++) {
        const row = start + r, wanted = row >= block * MR && row < high;
        store<u32>(table + (<usize>(block * MR + r) << 2), <u32>(wanted ? to + <usize>row * rowBytes : idle));
      }
    }
    for (let t = 0; t < count; t += depth) {
      const steps = min(depth, count - t), accumulate = again || t > 0 ? 1 : 0;
      const from = a + <usize>t * aBytes, last = from + (<usize>blockStart(blocks - 1, high) << 2);
      for (let j = 0; j < wide; ) {
        const slopes = b + <usize>(j / PANEL) * panelBytes + <usize>t * PANEL_BYTES + (<usize>(j % PANEL) << 2), two = PANELS == 2 && j + 2 * NR <= wide;
        if (two) micro6x16(blocks, steps, from, <usize>MR << 2, last, aBytes, slopes, slopes + 32, PANEL_BYTES, table, <usize>j << 2, accumulate);
        else micro(blocks, steps, from, <usize>MR << 2, last, aBytes, slopes, PANEL_BYTES, table, <usize>j << 2, accumulate);
        j += two ? 2 * NR : NR;
      }
    }
    a += inStep;
    b += outStep;
  }
}

/** The taps of `count` columns from (row, column) on, before they are written: stores wait for their lines one after the other. */
function touchTaps(dw: usize, c: i32, k: i32, row: i32, column: i32, count: i32, scratch: usize): void {
  let from = dw + ((<usize>row * <usize>k + <usize>column) << 2);
  for (let tap = 0; tap < 9; tap++) {
    touch(from, <usize>count << 2, scratch + RESULT);
    from += <usize>(c * k) << 2;
  }
}

/** dw [9][c, k] (+)= Gᵀ sums G for `count` columns from (row, column) on; the sums of one filter and of the next are `sumStep` bytes apart. */
function putTaps(kind: i32, sums: usize, sumStep: usize, dw: usize, c: i32, k: i32, row: i32, column: i32, count: i32, add: bool, scratch: usize): void {
  const result = scratch + RESULT, lanes = <i32>(LANES >> 2), tapBytes = <usize>(c * k) << 2;
  const first = dw + ((<usize>row * <usize>k + <usize>column) << 2);
  for (let j = 0; j < count; j += lanes) {
    if (!add && j + lanes <= count) {
      filterTaps(kind, sums + (<usize>j << 2), sumStep, scratch, first + (<usize>j << 2), tapBytes);
      continue;
    }
    filterTaps(kind, sums + (<usize>j << 2), sumStep, scratch, result, LANES);
    for (let half = 0; half < lanes; half += 4) {
      const left = count - j - half;
      let to = first + (<usize>(j + half) << 2), from = result + (<usize>half << 2);
      for (let tap = 0; tap < 9; tap++) {
        let value = v128.load(from);
        if (add) value = f32x4.add(value, loadLanes(to, left));
        storeLanes(to, value, left);
        from += LANES;
        to += tapBytes;
      }
    }
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
  const rowBytes = <usize>columns << 2, sumStep = <usize>rows * rowBytes + 64;
  const table = scratch + ZEROS, idle = table + ((<usize>(4 * (rows + MR)) + 63) & ~63), sums = idle + ((rowBytes + 63) & ~63);

  const cBlocks = (c + rows - 1) / rows, kBlocks = (k + columns - 1) / columns;
  const end = partStart(cBlocks * kBlocks, part + 1, parts);
  for (let item = partStart(cBlocks * kBlocks, part, parts); item < end; item++) {
    const row = (item % cBlocks) * rows, column = (item / cBlocks) * columns;
    const high = min(rows, c - row), wide = min(columns, k - column);
    const a = v + ((<usize>(row * count)) << 2), b = m + ((<usize>(column * count)) << 2);
    sumProducts(
      kind, a, inStep, <usize>rows << 2, b, outStep, <usize>count * PANEL_BYTES, count, depth, high, (wide + 7) & ~7, sums, sumStep, rowBytes, false, true, table, idle,
    );
    for (let r = 0; r < high; r++) {
      if (r + 1 < high) touchTaps(dw, c, k, row + r + 1, column, wide, scratch);
      putTaps(kind, sums + <usize>r * rowBytes, sumStep, dw, c, k, row + r, column, wide, add, scratch);
    }
  }
}

/**
 * One chunk of tiles, transformed before, is multiplied by the first parts and the last; those in the middle, which are begun last, transform the next
 * chunk, a few tiles each, and so keep a thread busy that is done with its products.
 * args: those of `transformBoth`; transformed x, transformed dy and tiles of this chunk; transformed x, transformed dy, first tile and tiles of the next;
 * dw, add to it, channels of x in a block (a multiple of 8) and of dy (of PANEL), block depth, parts that multiply, scratch, bytes of scratch for
 * each thread.
 */
export function winogradFilterGradChunk(args: usize, part: i32, parts: i32, thread: i32): void {
  const multiplying = int(args, 25), scratch = ptr(args, 26) + <usize>thread * ptr(args, 27);
  const shares = parts - multiplying, share = part - ((multiplying + 1) >> 1);
  if (share < 0 || share >= shares) {
    multiplyChunk(args, share < 0 ? part : part - shares, multiplying, scratch);
    return;
  }
  const count = int(args, 19);
  prepare(scratch, zeroBytes(args));
  const start = partStart(count, share, shares), end = partStart(count, share + 1, shares);
  transformBoth(args, ptr(args, 16), int(args, 22), ptr(args, 17), int(args, 18) + start, start, end - start, count, scratch);
}

/**
 * The sums of each part's share of the tiles, [part][filters][c][k]: tiles are transformed a block at a time and multiplied while
 * they are in the cache of the thread that has transformed them. For so few channels that the sums fit there as well.
 * args: those of `transformBoth`, sums, tiles, tiles in a block, bytes of sums for each part, bytes between the sums of one
 * filter and of the next, scratch, bytes of scratch for each thread.
 */
export function winogradFilterGradShares(args: usize, part: i32, parts: i32, thread: i32): void {
  const c = int(args, 4), k = int(args, 7), inStep = ptr(args, 10), outStep = ptr(args, 11), kind = int(args, 12);
  const sums = ptr(args, 13) + <usize>part * ptr(args, 16), tiles = int(args, 14), block = int(args, 15), sumStep = ptr(args, 17);
  const scratch = ptr(args, 18) + (<usize>thread) * ptr(args, 19);
  const rows = (c + 7) & ~7, columns = (k + 7) & ~7, rowBytes = <usize>columns << 2;
  const zeros = zeroBytes(args), table = scratch + ZEROS + ((zeros + 63) & ~63);
  const idle = table + ((<usize>(4 * (c + MR)) + 63) & ~63), v = idle + ((rowBytes + 63) & ~63);
  const m = v + <usize>pointsOf(kind) * inStep;
  const start = partStart(tiles, part, parts), end = partStart(tiles, part + 1, parts);
  if (start == end) memory.fill(sums, 0, ptr(args, 16));
  prepare(scratch, zeros);
  for (let first = start; first < end; first += block) {
    const count = min(block, end - first);
    transformBoth(args, v, rows, m, first, 0, count, block, scratch);
    sumProducts(
      kind, v, inStep, <usize>rows << 2, m, outStep, <usize>block * PANEL_BYTES, count, block, c, columns, sums, sumStep, rowBytes, first > start, false, table, idle,
    );
  }
}

/** Bytes of the rows whose sums are added up at once: enough that runs of each matrix are read, few enough that their totals stay in L2. */
const ROWS_BYTES: usize = 4096;

/**
 * dw [9][c, k] = Gᵀ (Σ of the shares' sums, in their order) G.
 * args: sums, dw, c, k, shares, bytes of sums for each share, bytes between filters, kind, scratch, bytes of scratch for each thread.
 */
export function winogradFilterGradTaps(args: usize, part: i32, parts: i32, thread: i32): void {
  const sums = ptr(args, 0), dw = ptr(args, 1), c = int(args, 2), k = int(args, 3), shares = int(args, 4);
  const shareBytes = ptr(args, 5), sumStep = ptr(args, 6), kind = int(args, 7);
  const scratch = ptr(args, 8) + (<usize>thread) * ptr(args, 9);
  const rowBytes = <usize>((k + 7) & ~7) << 2, filters = filtersOf(kind), end = partStart(c, part + 1, parts);
  const totals = scratch + ZEROS, together = max(1, <i32>(ROWS_BYTES / rowBytes)), totalStep = <usize>together * rowBytes + 64;
  for (let row = partStart(c, part, parts); row < end; row += together) {
    const rows = min(together, end - row), bytes = <usize>rows * rowBytes;
    for (let filter = 0; filter < filters; filter++) {
      const from = sums + <usize>filter * sumStep + <usize>row * rowBytes, to = totals + <usize>filter * totalStep;
      for (let j: usize = 0; j < bytes; j += 16) {
        let sum = v128.load(from + j);
        for (let share = 1; share < shares; share++) sum = f32x4.add(sum, v128.load(from + j + <usize>share * shareBytes));
        v128.store(to + j, sum);
      }
    }
    for (let r = 0; r < rows; r++) putTaps(kind, totals + <usize>r * rowBytes, totalStep, dw, c, k, row + r, 0, k, false, scratch);
  }
}
