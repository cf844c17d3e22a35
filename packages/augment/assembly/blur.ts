// Gaussian blur with weights of 15 bits. `weights` holds, for k = 0 … radius, a pair of 16-bit numbers for the samples
// k before and k after: [w₀, 0] and then [wₖ, wₖ].

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
 * Blurs along x. The results have 8 more bits, less 2^15 to be signed. `padded` has room for a row, its margins and what
 * blocks of 16 read past them.
 */
export function blurColumns(source: usize, height: i32, width: i32, channels: i32, weights: usize, radius: i32, padded: usize, target: usize): void {
  const stride = <usize>(width * channels), pixel = <usize>channels;
  const line = padded + <usize>(radius * channels);
  const half = i32x4.splat(64), sign = i16x8.splat(-32768);
  for (let y = 0; y < height; y++) {
    memory.copy(line, source + <usize>y * stride, stride);
    mirrorEnds(line, width, channels, radius);
    const to = target + <usize>y * stride * 2;
    for (let i: usize = 0; i < stride; i += 8) {
      let before = line + i, after = before, w = weights;
      let a = half, b = half;
      for (let k = 0; k <= radius; k++, w += 4, before -= pixel, after += pixel) {
        const both = i8x16.shuffle(v128.load64_zero(before), v128.load64_zero(after), 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        const weight = v128.load32_splat(w);
        a = i32x4.add(a, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_u(both), weight));
        b = i32x4.add(b, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_u(both), weight));
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
    for (let i: usize = 0; i < line; i += 8) {
      let a = start, b = start, w = weights, at = rows;
      for (let k = 0; k <= radius; k++, w += 4, at += 8) {
        const above = v128.load(<usize>load<u32>(at) + 2 * i), below = v128.load(<usize>load<u32>(at, 4) + 2 * i);
        const weight = v128.load32_splat(w);
        a = i32x4.add(a, i32x4.dot_i16x8_s(i8x16.shuffle(above, below, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23), weight));
        b = i32x4.add(b, i32x4.dot_i16x8_s(i8x16.shuffle(above, below, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31), weight));
      }
      const words = i16x8.narrow_i32x4_s(i32x4.shr_s(a, 23), i32x4.shr_s(b, 23));
      v128.store64_lane(to + i, i8x16.narrow_i16x8_u(words, words), 0);
    }
  }
}
