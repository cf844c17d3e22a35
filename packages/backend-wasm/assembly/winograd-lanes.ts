import { put2 } from './simd';
import { PANELS } from './variant';

// The transforms take vectors of four channels, or pairs of them (x, y) in the build whose pairs V8 joins into one vector of eight. It
// joins what two neighbouring stores, one right after the other, were computed from by the same steps. Without pairs, y is never used.

/** Bytes of a vector or a pair. */
export const LANES: usize = <usize>PANELS << 4;

/** The second vector at `p`. */
// @ts-ignore: decorator
@inline
export function second(p: usize): v128 {
  return PANELS == 2 ? v128.load(p, 16) : f32x4.splat(0);
}

/** Stores a vector, or both. */
// @ts-ignore: decorator
@inline
export function both(to: usize, x: v128, y: v128): void {
  if (PANELS == 2) put2(to, x, y);
  else v128.store(to, x);
}
