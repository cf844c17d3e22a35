import { loadLanes } from './simd';
import { LINES } from './winograd-tiles';

// Winograd's F(4×4, 3×3) for 3×3 convolutions of stride 1. Every 4×4 tile of the output takes a 6×6 patch of the input
// to 36 vectors of channels, is multiplied there by 36 transformed filters, and comes back: 36 matrix products with a
// quarter of the multiplications. The gradients are the transposes of the same steps.

// One part's scratch begins with small tables, large enough for every kind of tile: transform lines, the addresses of a
// tile's pixels, the same for channels that do not fill eight, copies of those, vectors of results.
const MOST: usize = 100;
export const TABLE: usize = LINES;
export const TAIL_TABLE: usize = TABLE + 400;
const TAIL: usize = TAIL_TABLE + 400;
export const RESULT: usize = TAIL + MOST * 32;
/** Where the zeros, and after them the blocks of the kernel, begin. */
export const ZEROS: usize = (RESULT + MOST * 32 + 63) & ~63;

export function prepare(scratch: usize, zeroBytes: usize): void {
  memory.fill(scratch + ZEROS, 0, zeroBytes);
  for (let i: usize = 0; i < MOST; i++) store<u32>(scratch + TAIL_TABLE + (i << 2), <u32>(scratch + TAIL + (i << 5)));
}

/** The addresses of a `rows`×`columns` patch at (top, left) of an image, `outside` beyond its edges. */
export function patch(
  table: usize, rows: i32, columns: i32, image: usize, top: i32, left: i32, height: i32, width: i32, pixelBytes: usize, outside: usize,
): void {
  for (let i = top; i < top + rows; i++) {
    const row = image + <usize>(i * width) * pixelBytes;
    for (let j = left; j < left + columns; j++) {
      const inside = <u32>i < <u32>height && <u32>j < <u32>width;
      store<u32>(table, <u32>(inside ? row + <usize>j * pixelBytes : outside));
      table += 4;
    }
  }
}

/** Copies the last `count` < 8 channels of `pixels` pixels where the tail table finds them, filled up with 0. */
export function gatherTail(scratch: usize, table: usize, pixels: i32, offset: usize, count: i32): void {
  let to = scratch + TAIL;
  for (let i = 0; i < pixels; i++) {
    const from = <usize>load<u32>(table + (<usize>i << 2)) + offset;
    v128.store(to, loadLanes(from, count));
    v128.store(to, loadLanes(from + 16, count - 4), 16);
    to += 32;
  }
}
