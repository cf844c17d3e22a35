import { MACRO_SCRATCH } from './gemm-micro';
import { loadLanes } from './simd';
import { LINES, PIXEL } from './winograd-tiles';

// Winograd's F(4×4, 3×3) for 3×3 convolutions of stride 1. Every 4×4 tile of the output takes a 6×6 patch of the input
// to 36 vectors of channels, is multiplied there by 36 transformed filters, and comes back: 36 matrix products with a
// quarter of the multiplications. The gradients are the transposes of the same steps.

// One part's scratch begins with small tables, large enough for every kind of tile: transform lines, the addresses of a
// tile's pixels, some of the channels of those, vectors of results.
const MOST: usize = 81;
export const TABLE: usize = LINES;
export const PIXELS: usize = TABLE + 336;
/** Channels of a pixel that are gathered at once: a cache line of them. */
export const GATHERED: i32 = 16;
export const RESULT: usize = PIXELS + MOST * PIXEL;
export const BLOCK: usize = RESULT + MOST * 16;
/** Where the blocks of the kernel begin. */
export const TABLES: usize = (BLOCK + MACRO_SCRATCH + 63) & ~63;

/** The addresses of a `rows`×`columns` patch at (top, left) of an image, 0 beyond its edges. */
export function patch(
  table: usize, rows: i32, columns: i32, image: usize, top: i32, left: i32, height: i32, width: i32, pixelBytes: usize,
): void {
  for (let i = top; i < top + rows; i++) {
    const row = image + <usize>(i * width) * pixelBytes;
    for (let j = left; j < left + columns; j++) {
      const inside = <u32>i < <u32>height && <u32>j < <u32>width;
      store<u32>(table, <u32>(inside ? row + <usize>j * pixelBytes : 0));
      table += 4;
    }
  }
}

/**
 * Copies up to 16 channels of `pixels` pixels, `offset` bytes into each, to where the transforms read them: `count` are left, those
 * that fill up eight are 0, as are all of a pixel beyond the edges. Pixels of many channels lie on few of the lines of L1; their copies do not.
 */
export function gather(table: usize, pixels: i32, offset: usize, count: i32, to: usize): void {
  const zero = f32x4.splat(0);
  for (let i = 0; i < pixels; i++) {
    const pixel = <usize>load<u32>(table), from = pixel + offset;
    if (pixel == 0) {
      v128.store(to, zero);
      v128.store(to, zero, 16);
      v128.store(to, zero, 32);
      v128.store(to, zero, 48);
    } else if (count >= GATHERED) {
      const x0 = v128.load(from), x1 = v128.load(from, 16), x2 = v128.load(from, 32), x3 = v128.load(from, 48);
      v128.store(to, x0);
      v128.store(to, x1, 16);
      v128.store(to, x2, 32);
      v128.store(to, x3, 48);
    } else {
      for (let ch = 0; ch < ((count + 7) & ~7); ch += 4) v128.store(to + (<usize>ch << 2), loadLanes(from + (<usize>ch << 2), count - ch));
    }
    table += 4;
    to += PIXEL;
  }
}
