/** acc + x·y, fused where the build has it. */
export function madd(x: v128, y: v128, acc: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, y, acc);
  return f32x4.add(acc, f32x4.mul(x, y));
}

// 4×4 transposition, in two steps: pairs of lanes, then pairs of pairs.
export function lowLanes(x: v128, y: v128): v128 {
  return v128.shuffle<i32>(x, y, 0, 4, 1, 5);
}
export function highLanes(x: v128, y: v128): v128 {
  return v128.shuffle<i32>(x, y, 2, 6, 3, 7);
}
export function lowPairs(x: v128, y: v128): v128 {
  return v128.shuffle<i32>(x, y, 0, 1, 4, 5);
}
export function highPairs(x: v128, y: v128): v128 {
  return v128.shuffle<i32>(x, y, 2, 3, 6, 7);
}

/** The first `count` lanes (all four from 4 on) from `at`; the others are 0. */
export function loadLanes(at: usize, count: i32): v128 {
  if (count >= 4) return v128.load(at);
  if (count <= 0) return f32x4.splat(0);
  let x = v128.load32_zero(at);
  if (count > 1) x = v128.load32_lane(at, x, 1, 4);
  if (count > 2) x = v128.load32_lane(at, x, 2, 8);
  return x;
}

/** Stores the first `count` lanes (all four from 4 on). */
export function storeLanes(at: usize, x: v128, count: i32): void {
  if (count >= 4) {
    v128.store(at, x);
    return;
  }
  if (count > 0) v128.store32_lane(at, x, 0);
  if (count > 1) v128.store32_lane(at, x, 1, 4);
  if (count > 2) v128.store32_lane(at, x, 2, 8);
}

/** The first two lanes, and the last two, as float64. */
// @ts-ignore: decorator
@inline
export function lowDoubles(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}
// @ts-ignore: decorator
@inline
export function highDoubles(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 0, 1));
}

/** Four floats from two pairs of float64. */
// @ts-ignore: decorator
@inline
export function toFloats(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** Four floats, or one in all lanes: so that the end of a row is computed by the same lines as the rest of it. */
// @ts-ignore: decorator
@inline
export function get(address: usize, wide: bool): v128 {
  return wide ? v128.load(address) : v128.load32_splat(address);
}

// @ts-ignore: decorator
@inline
export function put(address: usize, value: v128, wide: bool): void {
  if (wide) v128.store(address, value);
  else store<f32>(address, f32x4.extract_lane(value, 0));
}

/**
 * Stores neighbouring vectors, which V8 joins into one. The second goes first: V8 would otherwise store the first one alone before it stores both, for
 * the case that only the second lies outside of the memory (docs/decisions/0020-vectors-of-eight-by-a-flag-of-v8.md).
 */
// @ts-ignore: decorator
@inline
export function put2(at: usize, x0: v128, x1: v128): void {
  v128.store(at, x1, 16);
  v128.store(at, x0);
}

/** As `put2`, two pairs, with offsets that cost no addition. */
export function put4(at: usize, x0: v128, x1: v128, x2: v128, x3: v128): void {
  v128.store(at, x1, 16);
  v128.store(at, x0);
  v128.store(at, x3, 48);
  v128.store(at, x2, 32);
}

/** Adds to neighbouring vectors. */
export function add4(at: usize, x0: v128, x1: v128, x2: v128, x3: v128): void {
  const y0 = v128.load(at), y1 = v128.load(at, 16), y2 = v128.load(at, 32), y3 = v128.load(at, 48);
  put4(at, f32x4.add(y0, x0), f32x4.add(y1, x1), f32x4.add(y2, x2), f32x4.add(y3, x3));
}

/**
 * A write that never happens (`address` is never 0), for V8: with it, the loads of what follows are not all moved ahead of the multiply-adds, which
 * would leave too few registers for their sums (docs/decisions/0021-sums-that-stay-in-registers.md).
 */
// @ts-ignore: decorator
@inline
export function stepBegins(address: usize): void {
  if (address == 0) store<u32>(0, 0);
}
