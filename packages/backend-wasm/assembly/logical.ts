import { int, partStart, ptr } from './args';

// @ts-ignore: decorator
@inline
function combine(and: bool, x: v128, y: v128): v128 {
  return and ? v128.and(x, y) : v128.or(x, y);
}

/** Of bytes that are 0 or 1. args: a, b, out, elements. */
// @ts-ignore: decorator
@inline
function logical(and: bool, args: usize, part: i32, parts: i32): void {
  const a = ptr(args, 0), b = ptr(args, 1), out = ptr(args, 2), n = int(args, 3);
  const end = <usize>partStart(n, part + 1, parts);
  let i = <usize>partStart(n, part, parts);
  for (; i + 16 <= end; i += 16) v128.store(out + i, combine(and, v128.load(a + i), v128.load(b + i)));
  for (; i < end; i++) store<u8>(out + i, i8x16.extract_lane_u(combine(and, v128.load8_splat(a + i), v128.load8_splat(b + i)), 0));
}

export function logicalAnd(args: usize, part: i32, parts: i32): void {
  logical(true, args, part, parts);
}
export function logicalOr(args: usize, part: i32, parts: i32): void {
  logical(false, args, part, parts);
}
