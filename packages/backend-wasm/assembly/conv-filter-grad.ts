import { int, partStart, ptr } from './args';
import { microPixels4x16 } from './conv-micro-4x16';
import { placePixels, tapPointers } from './conv-pixels';
import { packStepB } from './pack';
import { madd, put2, storeLanes } from './simd';
import { PANELS } from './variant';

/** Adds Σ_p of four channels, `offset` bytes into the pixel whose address stands in table[p], ⊗ packed dy [p][8] to a block [4, 8]. */
function microPixels(count: i32, table: usize, offset: usize, b: usize, to: usize, rowBytes: usize): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  const end = b + (<usize>count << 5);
  do {
    const a = <usize>load<u32>(table) + offset, b0 = v128.load(b), b1 = v128.load(b, 16);
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
    table += 4;
    b += 32;
  } while (b < end);
  put2(to, f32x4.add(v128.load(to), c00), f32x4.add(v128.load(to, 16), c01));
  to += rowBytes;
  put2(to, f32x4.add(v128.load(to), c10), f32x4.add(v128.load(to, 16), c11));
  to += rowBytes;
  put2(to, f32x4.add(v128.load(to), c20), f32x4.add(v128.load(to, 16), c21));
  to += rowBytes;
  put2(to, f32x4.add(v128.load(to), c30), f32x4.add(v128.load(to, 16), c31));
}

/** Adds to the rows of panels [panel, last), whose channels stand `offset`, `offset` + `step`, … bytes from the addresses in `table`. */
function sumPanels(
  count: i32, table: usize, offset: usize, step: usize, panel: i32, last: i32, b: usize, columns: i32, columnBytes: usize, sums: usize,
  rowBytes: usize,
): void {
  for (; panel < last; panel++) {
    let column = b, to = sums + <usize>panel * 4 * rowBytes;
    for (let j = 0; j < columns; ) {
      const two = PANELS == 2 && j + 16 <= columns;
      if (two) microPixels4x16(count, table, offset, column, column + columnBytes, to, rowBytes);
      else microPixels(count, table, offset, column, to, rowBytes);
      column += two ? 2 * columnBytes : columnBytes;
      to += two ? 64 : 32;
      j += two ? 16 : 8;
    }
    offset += step;
  }
}

/** `count` values from `from` on become rows [row, row + count) of step `p` of panels of 4 rows. */
function putStep(from: usize, count: i32, row: i32, panels: usize, panelBytes: usize, p: i32): void {
  const step = panels + (<usize>p << 4);
  const end = row + count;
  while (row < end) {
    const to = step + <usize>(row >> 2) * panelBytes;
    if ((row & 3) == 0 && row + 4 <= end) {
      v128.store(to, v128.load(from));
      from += 16;
      row += 4;
    } else {
      store<f32>(to + (<usize>(row & 3) << 2), load<f32>(from));
      from += 4;
      row++;
    }
  }
}

/**
 * sums[share][tap, c][k] = Σ over a share of the pixels of image[pixel·stride + Δtap, c] · dy[pixel, k]. A part has a share of the
 * pixels and a share of the rows (tap, c); rows are filled up to a multiple of 4, columns to one of 8.
 * args: image, dy, sums, tap offsets (Δh, Δw), taps, batch, image height, width, channels, dy height, width, channels,
 * stride h, w, block depth (a multiple of 4), shares of the pixels, shares of the rows, bytes of sums for each share, pack
 * the channels first (needed unless 4 divides them), scratch, bytes of scratch for each thread.
 */
export function convFilterGrad(args: usize, part: i32, parts: i32, thread: i32): void {
  const image = ptr(args, 0), dy = ptr(args, 1), offsets = ptr(args, 3);
  const taps = int(args, 4), batch = int(args, 5), height = int(args, 6), width = int(args, 7), channels = int(args, 8);
  const gridH = int(args, 9), gridW = int(args, 10), n = int(args, 11), strideH = int(args, 12), strideW = int(args, 13);
  const depth = int(args, 14), pixelShares = int(args, 15), rowShares = int(args, 16), packed = int(args, 18) != 0;
  const share = part % pixelShares, rowShare = part / pixelShares;
  const sums = ptr(args, 2) + <usize>share * ptr(args, 17), scratch = ptr(args, 19) + (<usize>thread) * ptr(args, 20);

  const pixelBytes = <usize>channels << 2, panels = (taps * channels + 3) >> 2, columns = (n + 7) & ~7, rowBytes = <usize>columns << 2;
  const listBytes = <usize>depth << 2, columnBytes = <usize>depth << 5, panelBytes = <usize>depth << 4;
  const zeros = scratch, places = zeros + ((pixelBytes + 15) & ~15), table = places + 3 * listBytes;
  const packedB = table + listBytes, packedA = packedB + <usize>depth * rowBytes;
  memory.fill(zeros, 0, pixelBytes);
  const firstPanel = partStart(panels, rowShare, rowShares), lastPanel = partStart(panels, rowShare + 1, rowShares);
  const lastRow = min(4 * lastPanel, taps * channels);
  memory.fill(sums + <usize>firstPanel * 4 * rowBytes, 0, <usize>(lastPanel - firstPanel) * 4 * rowBytes);
  if (packed) memory.fill(packedA + <usize>(panels - 1) * panelBytes, 0, panelBytes); // rows that fill the last panel up

  const pixels = batch * gridH * gridW, end = partStart(pixels, share + 1, pixelShares);
  for (let first = partStart(pixels, share, pixelShares); first < end; first += depth) {
    const count = min(depth, end - first);
    placePixels(first, count, gridH, gridW, strideH, strideW, image, height, width, pixelBytes, places, depth);
    let from = dy + (<usize>first * <usize>n << 2);
    for (let p = 0; p < count; p++) {
      packStepB(from, n, packedB + (<usize>p << 5), columnBytes);
      from += <usize>n << 2;
    }
    for (let row = 4 * firstPanel; row < lastRow; ) {
      const tap = row / channels, c = row % channels, next = min(lastRow, (tap + 1) * channels);
      const dh = load<i32>(offsets + (<usize>tap << 3)), dw = load<i32>(offsets + (<usize>tap << 3), 4);
      tapPointers(places, depth, count, dh, dw, height, width, pixelBytes, zeros, table, 16);
      if (packed) {
        for (let p = 0; p < count; p++) {
          putStep(<usize>load<u32>(table + (<usize>p << 2)) + (<usize>c << 2), next - row, row, packedA, panelBytes, p);
        }
      } else {
        sumPanels(count, table, <usize>c << 2, 16, row >> 2, next >> 2, packedB, columns, columnBytes, sums, rowBytes);
      }
      row = next;
    }
    if (packed) {
      for (let p = 0; p < count; p++) store<u32>(table + (<usize>p << 2), <u32>(packedA + (<usize>p << 4)));
      sumPanels(count, table, <usize>firstPanel * panelBytes, panelBytes, firstPanel, lastPanel, packedB, columns, columnBytes, sums, rowBytes);
    }
  }
}

/**
 * dw [m, n] = the sums of all shares, in their order.
 * args: sums, dw, m, n, shares, bytes of sums for each share.
 */
export function convFilterGradSum(args: usize, part: i32, parts: i32): void {
  const sums = ptr(args, 0), dw = ptr(args, 1), m = int(args, 2), n = int(args, 3), shares = int(args, 4), shareBytes = ptr(args, 5);
  const rowBytes = <usize>((n + 7) & ~7) << 2;
  const end = partStart(m, part + 1, parts);
  for (let row = partStart(m, part, parts); row < end; row++) {
    for (let j = 0; j < n; j += 4) {
      let from = sums + <usize>row * rowBytes + (<usize>j << 2), sum = v128.load(from);
      for (let share = 1; share < shares; share++) {
        from += shareBytes;
        sum = f32x4.add(sum, v128.load(from));
      }
      storeLanes(dw + (<usize>(row * n + j) << 2), sum, n - j);
    }
  }
}
