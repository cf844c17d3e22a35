import { blue, green, red, storePixels } from './pixels';

// By r ≥ g, g ≥ b, r ≥ b as bits 4, 2, 1 of a code: place on the circle in sixths = start ± q, where q is how far the middle
// channel is below the highest, in parts of the chroma. Below 0 the circle wraps.

/** What `>=` gives, as a bit. */
// @ts-ignore: decorator
@inline
function atLeast(a: v128, b: v128, bit: i32): v128 {
  return v128.and(f32x4.ge(a, b), i32x4.splat(bit));
}

/** Turns every pixel's hue by `steps`/255 of the circle, through 8-bit HSV. */
export function turnHue(source: usize, target: usize, pixels: i32, steps: i32): void {
  // start + 1, and the sign of q, by the code.
  const starts = i8x16(4, 0, 4, 2, 6, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0);
  const signs = i8x16(0, 0, -128, 0, -128, 0, 0, -128, 0, 0, 0, 0, 0, 0, 0, 0);
  // Where a sixth takes red and green, and blue from: 0 the highest, 1 the middle, 2 the lowest. The seventh is the first again.
  const redGreenFrom = i8x16(0, 1, 2, 2, 1, 0, 0, 0, 1, 0, 0, 1, 2, 2, 1, 0);
  const blueFrom = i8x16(2, 2, 1, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  const one = f32x4.splat(1), full = f32x4.splat(255), share = f32x4.splat(<f32>(1.0 / 255.0)), half = f32x4.splat(0.5);
  for (let i: usize = 0; i < <usize>pixels * 3; i += 12) {
    const rgb = v128.load(source + i);
    const r = f32x4.convert_i32x4_s(red(rgb)), g = f32x4.convert_i32x4_s(green(rgb)), b = f32x4.convert_i32x4_s(blue(rgb));
    const high = f32x4.pmax(f32x4.pmax(r, g), b), low = f32x4.pmin(f32x4.pmin(r, g), b);
    const chroma = f32x4.sub(high, low);
    const middle = f32x4.sub(f32x4.sub(f32x4.add(f32x4.add(r, g), b), high), low);
    const q = f32x4.div(f32x4.sub(high, middle), f32x4.pmax(chroma, one));

    const code = v128.or(v128.or(atLeast(r, g, 4), atLeast(g, b, 2)), atLeast(r, b, 1));
    const start = i8x16.swizzle(starts, v128.or(code, i32x4.splat(0x80808000)));
    const sign = i8x16.swizzle(signs, v128.or(i32x4.shl(code, 24), i32x4.splat(0x00808080)));
    const place = f32x4.add(f32x4.sub(f32x4.convert_i32x4_s(start), one), v128.xor(q, sign));
    const wrap = v128.and(f32x4.lt(place, f32x4.splat(0)), one);
    const turn = f32x4.add(f32x4.div(place, f32x4.splat(6)), wrap);
    const hue = v128.and(i32x4.add(i32x4.trunc_sat_f32x4_s(f32x4.mul(turn, full)), i32x4.splat(steps)), i32x4.splat(255));
    const saturation = f32x4.trunc(f32x4.mul(f32x4.div(chroma, f32x4.pmax(high, one)), full));
    const strength = f32x4.mul(saturation, share);

    // 6 · hue = 255 · sixth + rest
    const six = i32x4.mul(hue, i32x4.splat(6));
    const sixth = i32x4.shr_u(i32x4.add(i32x4.mul(six, i32x4.splat(257)), i32x4.splat(257)), 16);
    const rest = i32x4.sub(six, i32x4.mul(sixth, i32x4.splat(255)));
    const fraction = f32x4.mul(f32x4.convert_i32x4_s(rest), share);
    const odd = i32x4.shr_s(i32x4.shl(sixth, 31), 31);
    const fall = f32x4.mul(strength, v128.bitselect(fraction, f32x4.sub(one, fraction), odd));
    const middleByte = i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.mul(high, f32x4.sub(one, fall)), half));
    const lowByte = i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.mul(high, f32x4.sub(one, strength)), half));

    // Per pixel the bytes highest, middle, lowest; then each channel from where its sixth says.
    const values = v128.or(v128.or(i32x4.trunc_sat_f32x4_s(high), i32x4.shl(middleByte, 8)), i32x4.shl(lowByte, 16));
    const sixths = i8x16.swizzle(sixth, i8x16(0, 0, 0, 4, 4, 4, 8, 8, 8, 12, 12, 12, -1, -1, -1, -1));
    const ofRedGreen = v128.or(i8x16.add(sixths, i8x16(0, 8, 0, 0, 8, 0, 0, 8, 0, 0, 8, 0, 0, 0, 0, 0)), i8x16(0, 0, -128, 0, 0, -128, 0, 0, -128, 0, 0, -128, 0, 0, 0, 0));
    const ofBlue = v128.or(sixths, i8x16(-128, -128, 0, -128, -128, 0, -128, -128, 0, -128, -128, 0, 0, 0, 0, 0));
    const from = v128.or(i8x16.swizzle(redGreenFrom, ofRedGreen), i8x16.swizzle(blueFrom, ofBlue));
    storePixels(target + i, i8x16.swizzle(values, i8x16.add(from, i8x16(0, 0, 0, 4, 4, 4, 8, 8, 8, 12, 12, 12, 0, 0, 0, 0))));
  }
}
