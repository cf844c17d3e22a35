// Four pixels of three channels at a time, one in each 32-bit lane.
//
// Constants are loaded from memory before a loop: V8 would build each anew, from 64-bit immediates, in every round.

const UNPACK: usize = memory.data<u8>([0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255], 16);
const PACK: usize = memory.data<u8>([0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255], 16);
const LUMA: usize = memory.data<i16>([19595, 7471, 19235, 0], 16);
const MASKS: usize = memory.data<u32>([0x00ff00ff, 0x1fe, 0x8000, 0xff, 0xffff], 16);
const MAGIC: usize = memory.data<f32>([8388608, 256], 16);

/** Spreads 12 bytes to four lanes; `PACK` undoes it. */
// @ts-ignore: decorator
@inline
export function unpackOrder(): v128 {
  return v128.load(UNPACK);
}
// @ts-ignore: decorator
@inline
export function packOrder(): v128 {
  return v128.load(PACK);
}

/** Weights and masks of `luma`. */
// @ts-ignore: decorator
@inline
export function redBlueWeights(): v128 {
  return v128.load32_splat(LUMA);
}
// @ts-ignore: decorator
@inline
export function greenWeights(): v128 {
  return v128.load32_splat(LUMA, 4);
}
// @ts-ignore: decorator
@inline
export function redBlueMask(): v128 {
  return v128.load32_splat(MASKS);
}
// @ts-ignore: decorator
@inline
export function greenMask(): v128 {
  return v128.load32_splat(MASKS, 4);
}
// @ts-ignore: decorator
@inline
export function lumaHalf(): v128 {
  return v128.load32_splat(MASKS, 8);
}
// @ts-ignore: decorator
@inline
export function byteMask(): v128 {
  return v128.load32_splat(MASKS, 12);
}
// @ts-ignore: decorator
@inline
export function wordMask(): v128 {
  return v128.load32_splat(MASKS, 16);
}

/** Grey values, .299·R + .587·G + .114·B in 16-bit fixed point. Green counts double at half its weight, which fits 16 bits. */
// @ts-ignore: decorator
@inline
export function luma(pixels: v128, weights: v128, weights2: v128, mask: v128, mask2: v128, half: v128): v128 {
  const redBlue = i32x4.dot_i16x8_s(v128.and(pixels, mask), weights);
  const green = i32x4.dot_i16x8_s(v128.and(i32x4.shr_u(pixels, 7), mask2), weights2);
  return i32x4.shr_u(i32x4.add(i32x4.add(redBlue, green), half), 16);
}

/** 2^23: a whole number below 2^16 that is added to it stands in the two low bytes of the float, which is cheaper than converting. */
// @ts-ignore: decorator
@inline
export function magic(): v128 {
  return v128.load32_splat(MAGIC);
}
// @ts-ignore: decorator
@inline
export function magic256(): v128 {
  return v128.load32_splat(MAGIC, 4);
}

/** Three bytes a lane, from floats that are whole numbers of 0–255. */
// @ts-ignore: decorator
@inline
export function threeBytes(first: v128, second: v128, third: v128, big: v128, byte: v128, mask: v128): v128 {
  const two = f32x4.add(f32x4.add(first, f32x4.mul(second, byte)), big);
  return v128.or(v128.and(two, mask), i32x4.shl(f32x4.add(third, big), 16));
}

/** Stores the first 12 bytes. */
// @ts-ignore: decorator
@inline
export function storePixels(to: usize, pixels: v128): void {
  v128.store64_lane(to, pixels, 0);
  v128.store32_lane(to, pixels, 2, 8);
}
