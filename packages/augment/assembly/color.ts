import { blue, green, luma, red, storePixels } from './pixels';

/** How many pixels are summed in 32 bits before they go to a wider number. */
const BLOCK: i32 = 1 << 22;

/** The sum of the grey values of `pixels` pixels. */
export function greySum(source: usize, pixels: i32): f64 {
  let sum: f64 = 0;
  while (pixels > 3) {
    const count = min(pixels & ~3, BLOCK), end = source + 3 * <usize>count;
    let lanes = i32x4.splat(0);
    for (; source < end; source += 12) lanes = i32x4.add(lanes, luma(v128.load(source)));
    sum += <f64>i32x4.extract_lane(lanes, 0) + <f64>i32x4.extract_lane(lanes, 1) + <f64>i32x4.extract_lane(lanes, 2) + <f64>i32x4.extract_lane(lanes, 3);
    pixels -= count;
  }
  const rest = luma(v128.load(source));
  if (pixels > 0) sum += <f64>i32x4.extract_lane(rest, 0);
  if (pixels > 1) sum += <f64>i32x4.extract_lane(rest, 1);
  if (pixels > 2) sum += <f64>i32x4.extract_lane(rest, 2);
  return sum;
}

/** Every pixel ← its grey value in all three channels. */
export function toGrey(source: usize, target: usize, pixels: i32): void {
  for (let i: usize = 0; i < <usize>pixels * 3; i += 12) {
    const grey = luma(v128.load(source + i));
    storePixels(target + i, i8x16.swizzle(grey, i8x16(0, 0, 0, 4, 4, 4, 8, 8, 8, 12, 12, 12, -1, -1, -1, -1)));
  }
}

// @ts-ignore: decorator
@inline
function blend(channel: v128, grey: v128, base: v128, factor: v128): v128 {
  const difference = f32x4.convert_i32x4_s(i32x4.sub(channel, grey));
  return i32x4.trunc_sat_f32x4_s(f32x4.add(base, f32x4.mul(factor, difference)));
}

/** Every pixel ← L + factor·(pixel − L), L its grey value; cut off and truncated. */
export function adjustSaturation(source: usize, target: usize, pixels: i32, factor: f32): void {
  const alpha = f32x4.splat(factor);
  for (let i: usize = 0; i < <usize>pixels * 3; i += 12) {
    const rgb = v128.load(source + i);
    const grey = luma(rgb), base = f32x4.convert_i32x4_s(grey);
    const redGreen = i16x8.narrow_i32x4_s(blend(red(rgb), grey, base, alpha), blend(green(rgb), grey, base, alpha));
    const blues = i16x8.narrow_i32x4_s(blend(blue(rgb), grey, base, alpha), i32x4.splat(0));
    // Four reds, four greens, four blues, four zeros.
    const planes = i8x16.narrow_i16x8_u(redGreen, blues);
    storePixels(target + i, i8x16.swizzle(planes, i8x16(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, -1, -1, -1, -1)));
  }
}
