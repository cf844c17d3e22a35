import { int, partStart, ptr } from './args';
import { rowOffset } from './broadcast';

const EQ = 0, NE = 1, GT = 2, GE = 3, EQ_INT = 4, NE_INT = 5, GT_INT = 6, GE_INT = 7;

// @ts-ignore: decorator
@inline
function test(op: i32, x: v128, y: v128): v128 {
  if (op == EQ) return f32x4.eq(x, y);
  if (op == NE) return f32x4.ne(x, y);
  if (op == GT) return f32x4.gt(x, y);
  if (op == GE) return f32x4.ge(x, y);
  if (op == EQ_INT) return i32x4.eq(x, y);
  if (op == NE_INT) return i32x4.ne(x, y);
  if (op == GT_INT) return i32x4.gt_s(x, y);
  return i32x4.ge_s(x, y);
}

// @ts-ignore: decorator
@inline
function operand(address: usize, step: i32, offset: usize): v128 {
  return step != 0 ? v128.load(address + offset) : v128.load32_splat(address);
}

/** Like the binary kernels; the result is a byte, 0 or 1, for each element. */
// @ts-ignore: decorator
@inline
function compare(op: i32, args: usize, part: i32, parts: i32): void {
  const a = ptr(args, 0), b = ptr(args, 1), out = ptr(args, 2), total = int(args, 3), inner = int(args, 4);
  const stepA = int(args, 5), stepB = int(args, 6), rank = int(args, 7);
  const end = partStart(total, part + 1, parts);
  let at = partStart(total, part, parts);
  while (at < end) {
    const row = at / inner, column = at - row * inner, n = min(inner - column, end - at);
    let x = a + rowOffset(args, 8, rank, 3, 1, row) + ((<usize>(column * stepA)) << 2);
    let y = b + rowOffset(args, 8, rank, 3, 2, row) + ((<usize>(column * stepB)) << 2);
    let to = out + <usize>at;
    const last = to + <usize>n;
    while (to + 16 <= last) {
      const m0 = test(op, operand(x, stepA, 0), operand(y, stepB, 0));
      const m1 = test(op, operand(x, stepA, 16), operand(y, stepB, 16));
      const m2 = test(op, operand(x, stepA, 32), operand(y, stepB, 32));
      const m3 = test(op, operand(x, stepA, 48), operand(y, stepB, 48));
      const mask = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
      v128.store(to, v128.and(mask, i8x16.splat(1)));
      x += (<usize>stepA) << 6;
      y += (<usize>stepB) << 6;
      to += 16;
    }
    while (to < last) {
      store<u8>(to, i32x4.extract_lane(test(op, v128.load32_splat(x), v128.load32_splat(y)), 0) & 1);
      x += (<usize>stepA) << 2;
      y += (<usize>stepB) << 2;
      to++;
    }
    at += n;
  }
}

export function equal(args: usize, part: i32, parts: i32): void {
  compare(EQ, args, part, parts);
}
export function notEqual(args: usize, part: i32, parts: i32): void {
  compare(NE, args, part, parts);
}
export function greater(args: usize, part: i32, parts: i32): void {
  compare(GT, args, part, parts);
}
export function greaterEqual(args: usize, part: i32, parts: i32): void {
  compare(GE, args, part, parts);
}
export function equalInt(args: usize, part: i32, parts: i32): void {
  compare(EQ_INT, args, part, parts);
}
export function notEqualInt(args: usize, part: i32, parts: i32): void {
  compare(NE_INT, args, part, parts);
}
export function greaterInt(args: usize, part: i32, parts: i32): void {
  compare(GT_INT, args, part, parts);
}
export function greaterEqualInt(args: usize, part: i32, parts: i32): void {
  compare(GE_INT, args, part, parts);
}
