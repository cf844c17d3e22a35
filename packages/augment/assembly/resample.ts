// Resampling with weights of 22 bits, which are split for 16-bit multiplication: weight = high · 2^15 + low, 0 ≤ low < 2^15.
// Taps come in pairs. `weights` holds, for every output and every pair, [low, low'] and [high, high'] as 16-bit numbers, and
// a weight of 0 where the number of taps is odd or smaller than others'.

const HALF: usize = memory.data<u32>([1 << 21], 16);
/** For 1–4 channels: lane c holds channel c of one pixel and of the next, as 16-bit numbers. */
const PAIRS: usize = memory.data<u8>([
  0, 255, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 255, 2, 255, 1, 255, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  0, 255, 3, 255, 1, 255, 4, 255, 2, 255, 5, 255, 255, 255, 255, 255,
  0, 255, 4, 255, 1, 255, 5, 255, 2, 255, 6, 255, 3, 255, 7, 255,
], 16);

/** The 8-bit results of four sums, as 32-bit lanes that narrowing will cut off to 0–255. */
// @ts-ignore: decorator
@inline
function rounded(low: v128, high: v128, half: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.add(i32x4.shl(high, 15), low), half), 22);
}

// @ts-ignore: decorator
@inline
function storePixel(to: usize, low: v128, high: v128, half: v128): void {
  const sums = rounded(low, high, half);
  const words = i16x8.narrow_i32x4_s(sums, sums);
  v128.store32_lane(to, i8x16.narrow_i16x8_u(words, words), 0);
}

/**
 * Resizes each of `rows` rows to `width` pixels; 1–4 channels. `source` is the first row's first pixel, `first` the first
 * tap's position for every output pixel.
 */
export function resizeColumns(
  source: usize, sourceStride: i32, rows: i32, channels: i32, width: i32, first: usize, weights: usize, pairs: i32, target: usize,
): void {
  const pixel = <usize>channels, step = pixel << 1, zero = i32x4.splat(0);
  const lanes = v128.load(PAIRS + ((pixel - 1) << 4)), half = v128.load32_splat(HALF);
  for (let y = 0; y < rows; y++, source += <usize>sourceStride) {
    let w = weights;
    if (pairs == 1) {
      for (let x = 0; x < width; x++, w += 8, target += pixel) {
        const taps = i8x16.swizzle(v128.load64_zero(source + <usize>load<i32>(first + (<usize>x << 2)) * pixel), lanes);
        storePixel(target, i32x4.dot_i16x8_s(taps, v128.load32_splat(w)), i32x4.dot_i16x8_s(taps, v128.load32_splat(w, 4)), half);
      }
      continue;
    }
    if (pairs == 2) {
      for (let x = 0; x < width; x++, w += 16, target += pixel) {
        const from = source + <usize>load<i32>(first + (<usize>x << 2)) * pixel;
        const taps = i8x16.swizzle(v128.load64_zero(from), lanes), more = i8x16.swizzle(v128.load64_zero(from + step), lanes);
        const low = i32x4.add(i32x4.dot_i16x8_s(taps, v128.load32_splat(w)), i32x4.dot_i16x8_s(more, v128.load32_splat(w, 8)));
        const high = i32x4.add(i32x4.dot_i16x8_s(taps, v128.load32_splat(w, 4)), i32x4.dot_i16x8_s(more, v128.load32_splat(w, 12)));
        storePixel(target, low, high, half);
      }
      continue;
    }
    for (let x = 0; x < width; x++, target += pixel) {
      let from = source + <usize>load<i32>(first + (<usize>x << 2)) * pixel;
      let low = zero, high = zero;
      for (let p = 0; p < pairs; p++, w += 8, from += step) {
        const taps = i8x16.swizzle(v128.load64_zero(from), lanes);
        low = i32x4.add(low, i32x4.dot_i16x8_s(taps, v128.load32_splat(w)));
        high = i32x4.add(high, i32x4.dot_i16x8_s(taps, v128.load32_splat(w, 4)));
      }
      storePixel(target, low, high, half);
    }
  }
}

/** Resizes the rows of `stride` bytes in `source` to `height` rows. */
export function resizeRows(source: usize, stride: i32, height: i32, first: usize, weights: usize, pairs: i32, target: usize): void {
  const line = <usize>stride;
  for (let y = 0; y < height; y++) {
    const from = source + <usize>load<i32>(first + (<usize>y << 2)) * line;
    const to = target + <usize>y * line;
    if (pairs == 1) onePair(from, line, weights, to);
    else if (pairs == 2) twoPairs(from, line, weights, to);
    else manyPairs(from, line, weights, pairs, to);
    weights += <usize>pairs << 3;
  }
}

/** Samples 0–3 (or 4–7) of two rows, side by side. */
// @ts-ignore: decorator
@inline
function sideBySide(a: usize, b: usize): v128 {
  return i8x16.shuffle(v128.load64_zero(a), v128.load64_zero(b), 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

// @ts-ignore: decorator
@inline
function storeEight(to: usize, lowA: v128, highA: v128, lowB: v128, highB: v128, half: v128): void {
  const words = i16x8.narrow_i32x4_s(rounded(lowA, highA, half), rounded(lowB, highB, half));
  v128.store64_lane(to, i8x16.narrow_i16x8_u(words, words), 0);
}

function onePair(from: usize, line: usize, weights: usize, to: usize): void {
  const half = v128.load32_splat(HALF), low = v128.load32_splat(weights), high = v128.load32_splat(weights, 4);
  for (let i: usize = 0; i < line; i += 8) {
    const taps = sideBySide(from + i, from + line + i);
    const a = i16x8.extend_low_i8x16_u(taps), b = i16x8.extend_high_i8x16_u(taps);
    storeEight(to + i, i32x4.dot_i16x8_s(a, low), i32x4.dot_i16x8_s(a, high), i32x4.dot_i16x8_s(b, low), i32x4.dot_i16x8_s(b, high), half);
  }
}

function twoPairs(from: usize, line: usize, weights: usize, to: usize): void {
  const half = v128.load32_splat(HALF), low = v128.load32_splat(weights), high = v128.load32_splat(weights, 4);
  const low2 = v128.load32_splat(weights, 8), high2 = v128.load32_splat(weights, 12);
  const third = from + 2 * line;
  for (let i: usize = 0; i < line; i += 8) {
    const taps = sideBySide(from + i, from + line + i);
    const a = i16x8.extend_low_i8x16_u(taps), b = i16x8.extend_high_i8x16_u(taps);
    const more = sideBySide(third + i, third + line + i);
    const c = i16x8.extend_low_i8x16_u(more), d = i16x8.extend_high_i8x16_u(more);
    storeEight(
      to + i,
      i32x4.add(i32x4.dot_i16x8_s(a, low), i32x4.dot_i16x8_s(c, low2)),
      i32x4.add(i32x4.dot_i16x8_s(a, high), i32x4.dot_i16x8_s(c, high2)),
      i32x4.add(i32x4.dot_i16x8_s(b, low), i32x4.dot_i16x8_s(d, low2)),
      i32x4.add(i32x4.dot_i16x8_s(b, high), i32x4.dot_i16x8_s(d, high2)),
      half,
    );
  }
}

function manyPairs(from: usize, line: usize, weights: usize, pairs: i32, to: usize): void {
  const half = v128.load32_splat(HALF);
  for (let i: usize = 0; i < line; i += 8) {
    let lowA = i32x4.splat(0), highA = lowA, lowB = lowA, highB = lowA;
    let at = from + i, w = weights;
    for (let p = 0; p < pairs; p++, w += 8, at += 2 * line) {
      const taps = sideBySide(at, at + line);
      const a = i16x8.extend_low_i8x16_u(taps), b = i16x8.extend_high_i8x16_u(taps);
      const low = v128.load32_splat(w), high = v128.load32_splat(w, 4);
      lowA = i32x4.add(lowA, i32x4.dot_i16x8_s(a, low));
      highA = i32x4.add(highA, i32x4.dot_i16x8_s(a, high));
      lowB = i32x4.add(lowB, i32x4.dot_i16x8_s(b, low));
      highB = i32x4.add(highB, i32x4.dot_i16x8_s(b, high));
    }
    storeEight(to + i, lowA, highA, lowB, highB, half);
  }
}
