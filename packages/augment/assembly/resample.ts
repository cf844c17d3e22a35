// Resampling with weights of 22 bits, which are split for 16-bit multiplication: weight = high · 2^15 + low, 0 ≤ low < 2^15.
// Taps come in pairs. `weights` holds, for every output and every pair, [low, low'] and [high, high'] as 16-bit numbers, and
// a weight of 0 where the number of taps is odd or smaller than others'.

const HALF: i32 = 1 << 21;

/** The 8-bit results of four sums, as 32-bit lanes that `narrow` will cut off to 0–255. */
// @ts-ignore: decorator
@inline
function rounded(low: v128, high: v128): v128 {
  return i32x4.shr_s(i32x4.add(i32x4.add(i32x4.shl(high, 15), low), i32x4.splat(HALF)), 22);
}

/**
 * Resizes each of `rows` rows to `width` pixels; 1–4 channels. `source` is the first row's first pixel, `first` the first
 * tap's position for every output pixel.
 */
export function resizeColumns(
  source: usize, sourceStride: i32, rows: i32, channels: i32, width: i32, first: usize, weights: usize, pairs: i32, target: usize,
): void {
  const pixel = <usize>channels, last = channels - 1;
  // Lane c of a pair: channel c of one pixel and of the next.
  let lanes = i8x16.splat(-1);
  for (let c = 0; c < channels; c++) {
    const word = <u32>c | (<u32>(c + channels) << 16) | 0xff00ff00;
    if (c == 0) lanes = i32x4.replace_lane(lanes, 0, word);
    else if (c == 1) lanes = i32x4.replace_lane(lanes, 1, word);
    else if (c == 2) lanes = i32x4.replace_lane(lanes, 2, word);
    else lanes = i32x4.replace_lane(lanes, 3, word);
  }
  const step = pixel << 1, zero = i32x4.splat(0);
  for (let y = 0; y < rows; y++) {
    const row = source + <usize>y * <usize>sourceStride;
    let w = weights;
    for (let x = 0; x < width; x++) {
      let from = row + <usize>load<i32>(first + (<usize>x << 2)) * pixel;
      let low = zero, high = zero;
      for (let p = 0; p < pairs; p++, w += 8, from += step) {
        const taps = i8x16.swizzle(v128.load64_zero(from), lanes);
        low = i32x4.add(low, i32x4.dot_i16x8_s(taps, v128.load32_splat(w)));
        high = i32x4.add(high, i32x4.dot_i16x8_s(taps, v128.load32_splat(w, 4)));
      }
      const words = i16x8.narrow_i32x4_s(rounded(low, high), zero);
      v128.store32_lane(target, i8x16.narrow_i16x8_u(words, words), 0);
      target += pixel;
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
function storeEight(to: usize, lowA: v128, highA: v128, lowB: v128, highB: v128): void {
  const words = i16x8.narrow_i32x4_s(rounded(lowA, highA), rounded(lowB, highB));
  v128.store64_lane(to, i8x16.narrow_i16x8_u(words, words), 0);
}

function onePair(from: usize, line: usize, weights: usize, to: usize): void {
  const low = v128.load32_splat(weights), high = v128.load32_splat(weights, 4);
  for (let i: usize = 0; i < line; i += 8) {
    const taps = sideBySide(from + i, from + line + i);
    const a = i16x8.extend_low_i8x16_u(taps), b = i16x8.extend_high_i8x16_u(taps);
    storeEight(to + i, i32x4.dot_i16x8_s(a, low), i32x4.dot_i16x8_s(a, high), i32x4.dot_i16x8_s(b, low), i32x4.dot_i16x8_s(b, high));
  }
}

function twoPairs(from: usize, line: usize, weights: usize, to: usize): void {
  const low = v128.load32_splat(weights), high = v128.load32_splat(weights, 4);
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
    );
  }
}

function manyPairs(from: usize, line: usize, weights: usize, pairs: i32, to: usize): void {
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
    storeEight(to + i, lowA, highA, lowB, highB);
  }
}
