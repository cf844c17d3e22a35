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
