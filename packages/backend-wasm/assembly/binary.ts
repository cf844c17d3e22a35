import { int, partStart, ptr } from './args';
import { rowOffset } from './broadcast';
import { power4 } from './vector-math';

const ADD = 0, SUB = 1, MUL = 2, DIV = 3, MAX = 4, MIN = 5, SQUARED_DIFFERENCE = 6, PRELU = 7, ELU_GRAD = 8;
const ADD_INT = 9, SUB_INT = 10, MUL_INT = 11, MAX_INT = 12, MIN_INT = 13, POSITIVE_PART = 14, POWER = 15, UNCUT_PART = 16;

// @ts-ignore: decorator
@inline
function combine(op: i32, x: v128, y: v128): v128 {
  if (op == ADD) return f32x4.add(x, y);
  if (op == SUB) return f32x4.sub(x, y);
  if (op == MUL) return f32x4.mul(x, y);
  if (op == DIV) return f32x4.div(x, y);
  if (op == MAX) return f32x4.max(x, y);
  if (op == MIN) return f32x4.min(x, y);
  if (op == SQUARED_DIFFERENCE) {
    const difference = f32x4.sub(x, y);
    return f32x4.mul(difference, difference);
  }
  if (op == PRELU) return v128.bitselect(f32x4.mul(x, y), x, f32x4.lt(x, f32x4.splat(0)));
  if (op == ELU_GRAD) return v128.bitselect(x, f32x4.mul(x, f32x4.add(y, f32x4.splat(1))), f32x4.ge(y, f32x4.splat(0)));
  if (op == POSITIVE_PART) return v128.and(x, f32x4.gt(y, f32x4.splat(0)));
  if (op == UNCUT_PART) return v128.and(x, v128.and(f32x4.gt(y, f32x4.splat(0)), f32x4.le(y, f32x4.splat(6))));
  if (op == POWER) return power4(x, y);
  if (op == ADD_INT) return i32x4.add(x, y);
  if (op == SUB_INT) return i32x4.sub(x, y);
  if (op == MUL_INT) return i32x4.mul(x, y);
  if (op == MAX_INT) return i32x4.max_s(x, y);
  return i32x4.min_s(x, y);
}

/** out[i] = a[i·stepA] op b[i·stepB] for n elements; a step is 0 or 1, and not both are 0 unless n is small. */
// @ts-ignore: decorator
@inline
function run(op: i32, a: usize, b: usize, out: usize, n: i32, stepA: i32, stepB: i32): void {
  const end = out + ((<usize>n) << 2);
  if (stepA != 0 && stepB != 0) {
    while (out + 16 <= end) {
      v128.store(out, combine(op, v128.load(a), v128.load(b)));
      a += 16;
      b += 16;
      out += 16;
    }
  } else if (stepA != 0) {
    const y = v128.load32_splat(b);
    while (out + 16 <= end) {
      v128.store(out, combine(op, v128.load(a), y));
      a += 16;
      out += 16;
    }
  } else if (stepB != 0) {
    const x = v128.load32_splat(a);
    while (out + 16 <= end) {
      v128.store(out, combine(op, x, v128.load(b)));
      b += 16;
      out += 16;
    }
  }
  while (out < end) {
    store<f32>(out, f32x4.extract_lane(combine(op, v128.load32_splat(a), v128.load32_splat(b)), 0));
    a += (<usize>stepA) << 2;
    b += (<usize>stepB) << 2;
    out += 4;
  }
}

/** args: a, b, out, elements, inner size, inner step of a, of b, outer rank, then size and strides of each outer dimension. */
// @ts-ignore: decorator
@inline
function binary(op: i32, args: usize, part: i32, parts: i32): void {
  const a = ptr(args, 0), b = ptr(args, 1), out = ptr(args, 2), total = int(args, 3), inner = int(args, 4);
  const stepA = int(args, 5), stepB = int(args, 6), rank = int(args, 7);
  const end = partStart(total, part + 1, parts);
  let at = partStart(total, part, parts);
  while (at < end) {
    const row = at / inner, column = at - row * inner, n = min(inner - column, end - at);
    const fromA = a + rowOffset(args, 8, rank, 3, 1, row) + ((<usize>(column * stepA)) << 2);
    const fromB = b + rowOffset(args, 8, rank, 3, 2, row) + ((<usize>(column * stepB)) << 2);
    run(op, fromA, fromB, out + ((<usize>at) << 2), n, stepA, stepB);
    at += n;
  }
}

export function add(args: usize, part: i32, parts: i32): void {
  binary(ADD, args, part, parts);
}
export function sub(args: usize, part: i32, parts: i32): void {
  binary(SUB, args, part, parts);
}
export function multiply(args: usize, part: i32, parts: i32): void {
  binary(MUL, args, part, parts);
}
export function divide(args: usize, part: i32, parts: i32): void {
  binary(DIV, args, part, parts);
}
export function maximum(args: usize, part: i32, parts: i32): void {
  binary(MAX, args, part, parts);
}
export function minimum(args: usize, part: i32, parts: i32): void {
  binary(MIN, args, part, parts);
}
export function squaredDifference(args: usize, part: i32, parts: i32): void {
  binary(SQUARED_DIFFERENCE, args, part, parts);
}
/** x where it is not negative, x·α elsewhere. */
export function prelu(args: usize, part: i32, parts: i32): void {
  binary(PRELU, args, part, parts);
}
/** dy where y ≥ 0, dy·(y+1) elsewhere. */
export function eluGrad(args: usize, part: i32, parts: i32): void {
  binary(ELU_GRAD, args, part, parts);
}
/** dy where y > 0, 0 elsewhere. */
export function reluGrad(args: usize, part: i32, parts: i32): void {
  binary(POSITIVE_PART, args, part, parts);
}
/** dy where 0 < x ≤ 6, 0 elsewhere. */
export function relu6Grad(args: usize, part: i32, parts: i32): void {
  binary(UNCUT_PART, args, part, parts);
}
export function power(args: usize, part: i32, parts: i32): void {
  binary(POWER, args, part, parts);
}
export function addInt(args: usize, part: i32, parts: i32): void {
  binary(ADD_INT, args, part, parts);
}
export function subInt(args: usize, part: i32, parts: i32): void {
  binary(SUB_INT, args, part, parts);
}
export function multiplyInt(args: usize, part: i32, parts: i32): void {
  binary(MUL_INT, args, part, parts);
}
export function maximumInt(args: usize, part: i32, parts: i32): void {
  binary(MAX_INT, args, part, parts);
}
export function minimumInt(args: usize, part: i32, parts: i32): void {
  binary(MIN_INT, args, part, parts);
}
