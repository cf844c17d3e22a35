import {
  byteMask, greenMask, greenWeights, luma, lumaHalf, magic, magic256, packOrder, redBlueMask, redBlueWeights, storePixels, threeBytes,
  unpackOrder, wordMask,
} from './pixels';

const GREY: usize = memory.data<u8>([0, 0, 0, 4, 4, 4, 8, 8, 8, 12, 12, 12, 255, 255, 255, 255], 16);
const LIMITS: usize = memory.data<f32>([0, 255], 16);

/** How many pixels are summed in 32 bits before they go to a wider number. */
const BLOCK: i32 = 1 << 22;

/** The sum of the grey values of `pixels` pixels. */
export function greySum(source: usize, pixels: i32): f64 {
  const order = unpackOrder(), w1 = redBlueWeights(), w2 = greenWeights(), m1 = redBlueMask(), m2 = greenMask(), half = lumaHalf();
  let sum: f64 = 0;
  while (pixels > 3) {
    const count = min(pixels & ~3, BLOCK), end = source + 3 * <usize>count;
    let lanes = i32x4.splat(0);
    for (; source < end; source += 12) lanes = i32x4.add(lanes, luma(i8x16.swizzle(v128.load(source), order), w1, w2, m1, m2, half));
    sum += <f64>i32x4.extract_lane(lanes, 0) + <f64>i32x4.extract_lane(lanes, 1) + <f64>i32x4.extract_lane(lanes, 2) + <f64>i32x4.extract_lane(lanes, 3);
    pixels -= count;
  }
  const rest = luma(i8x16.swizzle(v128.load(source), order), w1, w2, m1, m2, half);
  if (pixels > 0) sum += <f64>i32x4.extract_lane(rest, 0);
  if (pixels > 1) sum += <f64>i32x4.extract_lane(rest, 1);
  if (pixels > 2) sum += <f64>i32x4.extract_lane(rest, 2);
  return sum;
}

/** Every pixel ← its grey value in all three channels. */
export function toGrey(source: usize, target: usize, pixels: i32): void {
  const order = unpackOrder(), w1 = redBlueWeights(), w2 = greenWeights(), m1 = redBlueMask(), m2 = greenMask(), half = lumaHalf();
  const spread = v128.load(GREY);
  for (let i: usize = 0; i < <usize>pixels * 3; i += 12) {
    const grey = luma(i8x16.swizzle(v128.load(source + i), order), w1, w2, m1, m2, half);
    storePixels(target + i, i8x16.swizzle(grey, spread));
  }
}

// @ts-ignore: decorator
@inline
function blend(channel: v128, grey: v128, base: v128, factor: v128, low: v128, high: v128): v128 {
  const value = f32x4.add(base, f32x4.mul(factor, f32x4.convert_i32x4_s(i32x4.sub(channel, grey))));
  return f32x4.floor(f32x4.pmin(high, f32x4.pmax(low, value)));
}

/** Every pixel ← L + factor·(pixel − L), L its grey value; cut off and truncated. */
export function adjustSaturation(source: usize, target: usize, pixels: i32, factor: f32): void {
  const order = unpackOrder(), w1 = redBlueWeights(), w2 = greenWeights(), m1 = redBlueMask(), m2 = greenMask(), half = lumaHalf();
  const alpha = f32x4.splat(factor), low = v128.load32_splat(LIMITS), high = v128.load32_splat(LIMITS, 4);
  const big = magic(), byte = magic256(), word = wordMask(), mask = byteMask(), pack = packOrder();
  for (let i: usize = 0; i < <usize>pixels * 3; i += 12) {
    const rgb = i8x16.swizzle(v128.load(source + i), order);
    const grey = luma(rgb, w1, w2, m1, m2, half), base = f32x4.convert_i32x4_s(grey);
    const red = blend(v128.and(rgb, mask), grey, base, alpha, low, high);
    const green = blend(v128.and(i32x4.shr_u(rgb, 8), mask), grey, base, alpha, low, high);
    const blue = blend(i32x4.shr_u(rgb, 16), grey, base, alpha, low, high);
    storePixels(target + i, i8x16.swizzle(threeBytes(red, green, blue, big, byte, word), pack));
  }
}
