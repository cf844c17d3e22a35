// Four pixels of three channels at a time: 12 of the 16 bytes that are loaded.

/** One channel of four pixels, as 32-bit lanes. */
// @ts-ignore: decorator
@inline
export function red(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1));
}
// @ts-ignore: decorator
@inline
export function green(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(1, -1, -1, -1, 4, -1, -1, -1, 7, -1, -1, -1, 10, -1, -1, -1));
}
// @ts-ignore: decorator
@inline
export function blue(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(2, -1, -1, -1, 5, -1, -1, -1, 8, -1, -1, -1, 11, -1, -1, -1));
}

/** Grey values, .299·R + .587·G + .114·B in 16-bit fixed point. Green's weight is halved over the two products to fit 16 bits. */
// @ts-ignore: decorator
@inline
export function luma(pixels: v128): v128 {
  const redGreen = i8x16.swizzle(pixels, i8x16(0, -1, 1, -1, 3, -1, 4, -1, 6, -1, 7, -1, 9, -1, 10, -1));
  const greenBlue = i8x16.swizzle(pixels, i8x16(1, -1, 2, -1, 4, -1, 5, -1, 7, -1, 8, -1, 10, -1, 11, -1));
  const sum = i32x4.add(
    i32x4.dot_i16x8_s(redGreen, i16x8(19595, 19235, 19595, 19235, 19595, 19235, 19595, 19235)),
    i32x4.dot_i16x8_s(greenBlue, i16x8(19235, 7471, 19235, 7471, 19235, 7471, 19235, 7471)),
  );
  return i32x4.shr_u(i32x4.add(sum, i32x4.splat(0x8000)), 16);
}

/** Stores the first 12 bytes. */
// @ts-ignore: decorator
@inline
export function storePixels(to: usize, pixels: v128): void {
  v128.store64_lane(to, pixels, 0);
  v128.store32_lane(to, pixels, 2, 8);
}
