import { byteMask, magic, magic256, storePixels, threeBytes, unpackOrder, wordMask } from './pixels';

// By r ≥ g, g ≥ b, r ≥ b as bits 4, 2, 1 of a code: place on the circle in sixths = start ± q, where q is how far the middle
// channel is below the highest, in parts of the chroma. Below 0 the circle wraps.

/** start + 1, and the sign of q, by the code. */
const STARTS: usize = memory.data<u8>([4, 0, 4, 2, 6, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0], 16);
const SIGNS: usize = memory.data<u8>([0, 0, 128, 0, 128, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 0], 16);
/** Where a sixth takes red and green, and blue from: 0 the highest, 1 the middle, 2 the lowest. The seventh is the first again. */
const RED_GREEN: usize = memory.data<u8>([0, 1, 2, 2, 1, 0, 0, 0, 1, 0, 0, 1, 2, 2, 1, 0], 16);
const BLUE: usize = memory.data<u8>([2, 2, 1, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0], 16);
/** For 12 result bytes: the lane; what is added to its sixth to look up red and green, and blue; the lane's first byte. */
const LANES: usize = memory.data<u8>([0, 0, 0, 4, 4, 4, 8, 8, 8, 12, 12, 12, 255, 255, 255, 255], 16);
const TO_RED_GREEN: usize = memory.data<u8>([0, 8, 128, 0, 8, 128, 0, 8, 128, 0, 8, 128, 0, 0, 0, 0], 16);
const TO_BLUE: usize = memory.data<u8>([128, 128, 0, 128, 128, 0, 128, 128, 0, 128, 128, 0, 0, 0, 0, 0], 16);
const BITS: usize = memory.data<u32>([4, 2, 1, 0x80808000, 0x00808080], 16);
const NUMBERS: usize = memory.data<f32>([1, 255, 0.5, 6, 510], 16);

/** Turns every pixel's hue by `steps`/255 of the circle, through 8-bit HSV. */
export function turnHue(source: usize, target: usize, pixels: i32, steps: i32): void {
  const unpack = unpackOrder(), mask = byteMask(), word = wordMask(), big = magic(), byte = magic256();
  const four = v128.load32_splat(BITS), two = v128.load32_splat(BITS, 4), single = v128.load32_splat(BITS, 8);
  const onlyLow = v128.load32_splat(BITS, 12), onlyHigh = v128.load32_splat(BITS, 16);
  const one = v128.load32_splat(NUMBERS), full = v128.load32_splat(NUMBERS, 4), half = v128.load32_splat(NUMBERS, 8);
  const sixths = v128.load32_splat(NUMBERS, 12), full2 = v128.load32_splat(NUMBERS, 16);
  const share = f32x4.div(one, full), share2 = f32x4.div(one, full2), zero = f32x4.sub(one, one);
  const step = f32x4.add(f32x4.splat(<f32>(steps & 255)), big);
  const starts = v128.load(STARTS), signs = v128.load(SIGNS), redGreenFrom = v128.load(RED_GREEN), blueFrom = v128.load(BLUE);
  const lanes = v128.load(LANES), toRedGreen = v128.load(TO_RED_GREEN), toBlue = v128.load(TO_BLUE);
  for (let i: usize = 0; i < <usize>pixels * 3; i += 12) {
    const rgb = i8x16.swizzle(v128.load(source + i), unpack);
    const r = f32x4.convert_i32x4_s(v128.and(rgb, mask));
    const g = f32x4.convert_i32x4_s(v128.and(i32x4.shr_u(rgb, 8), mask));
    const b = f32x4.convert_i32x4_s(i32x4.shr_u(rgb, 16));
    const high = f32x4.pmax(f32x4.pmax(r, g), b), low = f32x4.pmin(f32x4.pmin(r, g), b);
    const chroma = f32x4.sub(high, low);
    const middle = f32x4.pmax(f32x4.pmin(r, g), f32x4.pmin(f32x4.pmax(r, g), b));
    const q = f32x4.div(f32x4.sub(high, middle), f32x4.pmax(chroma, one));

    const code = v128.or(v128.or(v128.and(f32x4.ge(r, g), four), v128.and(f32x4.ge(g, b), two)), v128.and(f32x4.ge(r, b), single));
    const start = f32x4.convert_i32x4_s(i8x16.swizzle(starts, v128.or(code, onlyLow)));
    const sign = i8x16.swizzle(signs, v128.or(i32x4.shl(code, 24), onlyHigh));
    const place = f32x4.add(f32x4.sub(start, one), v128.xor(q, sign));
    const turn = f32x4.add(f32x4.div(place, sixths), v128.and(f32x4.lt(place, zero), one));
    // The low byte of the sum wraps at 256.
    const hue = f32x4.convert_i32x4_s(v128.and(f32x4.add(f32x4.floor(f32x4.mul(turn, full)), step), mask));
    const strength = f32x4.mul(f32x4.floor(f32x4.mul(f32x4.div(chroma, f32x4.pmax(high, one)), full)), share);

    // 6 · hue = 255 · sixth + rest; the half keeps quotients away from whole numbers. The middle channel falls by 1 − rest/255 in
    // even sixths and by rest/255 in odd ones.
    const six = f32x4.mul(hue, sixths), nearly = f32x4.add(six, half);
    const sixth = f32x4.floor(f32x4.mul(nearly, share));
    const rest = f32x4.sub(six, f32x4.mul(f32x4.floor(f32x4.mul(nearly, share2)), full2));
    const fall = f32x4.mul(strength, f32x4.mul(f32x4.abs(f32x4.sub(rest, full)), share));
    const middleValue = f32x4.floor(f32x4.add(f32x4.mul(high, f32x4.sub(one, fall)), half));
    const lowValue = f32x4.floor(f32x4.add(f32x4.mul(high, f32x4.sub(one, strength)), half));

    // Per pixel the bytes highest, middle, lowest; then each channel from where its sixth says.
    const values = threeBytes(high, middleValue, lowValue, big, byte, word);
    const spread = i8x16.swizzle(f32x4.add(sixth, big), lanes);
    const fromRedGreen = i8x16.swizzle(redGreenFrom, v128.or(spread, toRedGreen));
    const fromBlue = i8x16.swizzle(blueFrom, v128.or(spread, toBlue));
    storePixels(target + i, i8x16.swizzle(values, v128.or(v128.or(fromRedGreen, fromBlue), lanes)));
  }
}
