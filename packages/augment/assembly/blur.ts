// Symmetric convolution with weights of 15 bits. `weights` holds a pair of 16-bit numbers for every k = 0 … radius: [w₀, 0] for the
// sample itself and [wₖ, wₖ] for those k before and k after.

/** The position that index falls on when the line 0 … length−1 is mirrored at both of its end points. */
function reflect(index: i32, length: i32): i32 {
  if (length == 1) return 0;
  const period = 2 * (length - 1);
  const wrapped = ((index % period) + period) % period;
  return wrapped < length ? wrapped : period - wrapped;
}

/** Mirrored margins of `radius` pixels around the row at `line`. */
function mirrorEnds(line: usize, width: i32, channels: i32, radius: i32): void {
  for (let x = 1; x <= radius; x++) {
    const left = line + <usize>(reflect(-x, width) * channels), right = line + <usize>(reflect(width - 1 + x, width) * channels);
    const toLeft = line - <usize>(x * channels), toRight = line + <usize>((width - 1 + x) * channels);
    for (let c: usize = 0; c < <usize>channels; c++) {
      store<u8>(toLeft + c, load<u8>(left + c));
      store<u8>(toRight + c, load<u8>(right + c));
    }
  }
}

/**
 * Blurs along x. The results have 8 more bits, less 2^15 to be signed. `padded` has room for a row, its margins of radius + 1 pixels
 * and what blocks of 8 read past them; `doubled` for radius + 2 weights.
 */
export function blurColumns(
  source: usize, height: i32, width: i32, channels: i32, weights: usize, radius: i32, padded: usize, doubled: usize, target: usize,
): void {
  const stride = <usize>(width * channels), pixel = <usize>channels;
  const line = padded + <usize>((radius + 1) * channels);
  // The sums of the samples at distance k come in pairs, [wₖ, wₖ₊₁], with a weight of 0 past the last.
  const pairs = (radius + 1) >> 1;
  for (let k = 1; k <= radius + 1; k++) store<i16>(doubled + (<usize>(k - 1) << 1), k <= radius ? load<i16>(weights + (<usize>k << 2)) : 0);
  const centre = v128.load32_splat(weights), half = i32x4.splat(64), sign = i16x8.splat(-32768), zero = i32x4.splat(0);
  for (let y = 0; y < height; y++) {
    memory.copy(line, source + <usize>y * stride, stride);
    mirrorEnds(line, width, channels, radius + 1);
    const to = target + <usize>y * stride * 2;
    for (let i: usize = 0; i < stride; i += 8) {
      const middle = v128.load8x8_u(line + i);
      let a = i32x4.add(half, i32x4.dot_i16x8_s(i8x16.shuffle(middle, zero, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23), centre));
      let b = i32x4.add(half, i32x4.dot_i16x8_s(i8x16.shuffle(middle, zero, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31), centre));
      let before = line + i - pixel, after = line + i + pixel, w = doubled;
      for (let p = 0; p < pairs; p++, w += 4) {
        const near = i16x8.add(v128.load8x8_u(before), v128.load8x8_u(after));
        const far = i16x8.add(v128.load8x8_u(before - pixel), v128.load8x8_u(after + pixel));
        const weight = v128.load32_splat(w);
        a = i32x4.add(a, i32x4.dot_i16x8_s(i8x16.shuffle(near, far, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23), weight));
        b = i32x4.add(b, i32x4.dot_i16x8_s(i8x16.shuffle(near, far, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31), weight));
        before -= 2 * pixel;
        after += 2 * pixel;
      }
      v128.store(to + 2 * i, v128.xor(i16x8.narrow_i32x4_u(i32x4.shr_s(a, 7), i32x4.shr_s(b, 7)), sign));
    }
  }
}

/** Blurs along y what `blurColumns` made, and rounds to 8 bits. `rows` has room for 2 · radius + 2 addresses. */
export function blurRows(source: usize, height: i32, stride: i32, weights: usize, radius: i32, rows: usize, target: usize): void {
  const line = <usize>stride, bytes = line * 2;
  // Weights sum to 2^15: the 2^15 that samples lack come to 2^30.
  const start = i32x4.splat((1 << 30) + (1 << 22));
  for (let y = 0; y < height; y++) {
    for (let k = 0; k <= radius; k++) {
      const at = rows + (<usize>k << 3);
      store<u32>(at, <u32>(source + <usize>reflect(y - k, height) * bytes));
      store<u32>(at, <u32>(source + <usize>reflect(y + k, height) * bytes), 4);
    }
    const to = target + <usize>y * line;
    for (let i: usize = 0; i < line; i += 16) {
      let a = start, b = start, c = start, d = start, w = weights, at = rows;
      for (let k = 0; k <= radius; k++, w += 4, at += 8) {
        const above = <usize>load<u32>(at) + 2 * i, below = <usize>load<u32>(at, 4) + 2 * i;
        const weight = v128.load32_splat(w);
        let x = v128.load(above), y = v128.load(below);
        a = i32x4.add(a, i32x4.dot_i16x8_s(i8x16.shuffle(x, y, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23), weight));
        b = i32x4.add(b, i32x4.dot_i16x8_s(i8x16.shuffle(x, y, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31), weight));
        x = v128.load(above, 16);
        y = v128.load(below, 16);
        c = i32x4.add(c, i32x4.dot_i16x8_s(i8x16.shuffle(x, y, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23), weight));
        d = i32x4.add(d, i32x4.dot_i16x8_s(i8x16.shuffle(x, y, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31), weight));
      }
      const words = i16x8.narrow_i32x4_s(i32x4.shr_s(a, 23), i32x4.shr_s(b, 23));
      v128.store(to + i, i8x16.narrow_i16x8_u(words, i16x8.narrow_i32x4_s(i32x4.shr_s(c, 23), i32x4.shr_s(d, 23))));
    }
  }
}
