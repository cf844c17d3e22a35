import { float, int, partStart, ptr } from './args';
import { erf4, exp4, log4, sigmoid4, softplus4, tanh4 } from './vector-math';

const NEG = 0, ABS = 1, SQUARE = 2, SQRT = 3, RSQRT = 4, RECIPROCAL = 5, EXP = 6, LOG = 7, RELU = 8, STEP = 9;
const SIGMOID = 10, TANH = 11, ERF = 12, ELU = 13, LEAKY = 14, CLIP = 15, CEIL = 16, FLOOR = 17, ROUND = 18, SOFTPLUS = 19;

// @ts-ignore: decorator
@inline
function apply(op: i32, x: v128, p: v128, q: v128): v128 {
  const zero = f32x4.splat(0), one = f32x4.splat(1);
  if (op == NEG) return f32x4.neg(x);
  if (op == ABS) return f32x4.abs(x);
  if (op == SQUARE) return f32x4.mul(x, x);
  if (op == SQRT) return f32x4.sqrt(x);
  if (op == RSQRT) return f32x4.div(one, f32x4.sqrt(x));
  if (op == RECIPROCAL) return f32x4.div(one, x);
  if (op == EXP) return exp4(x);
  if (op == LOG) return log4(x);
  if (op == RELU) return f32x4.max(x, zero);
  if (op == STEP) {
    const y = v128.bitselect(one, p, f32x4.gt(x, zero));
    return v128.bitselect(y, x, f32x4.eq(x, x));
  }
  if (op == SIGMOID) return sigmoid4(x);
  if (op == TANH) return tanh4(x);
  if (op == ERF) return erf4(x);
  if (op == ELU) return v128.bitselect(x, f32x4.sub(exp4(x), one), f32x4.ge(x, zero));
  if (op == LEAKY) return v128.bitselect(f32x4.mul(x, p), x, f32x4.lt(x, zero));
  if (op == CLIP) return f32x4.min(f32x4.max(x, p), q);
  if (op == CEIL) return f32x4.ceil(x);
  if (op == FLOOR) return f32x4.floor(x);
  if (op == ROUND) return f32x4.nearest(x);
  return softplus4(x);
}

/** args: x, out, elements, and two parameters. */
// @ts-ignore: decorator
@inline
function unary(op: i32, args: usize, part: i32, parts: i32): void {
  const first = (<usize>partStart(int(args, 2), part, parts)) << 2;
  const end = ptr(args, 1) + ((<usize>partStart(int(args, 2), part + 1, parts)) << 2);
  const p = f32x4.splat(float(args, 3)), q = f32x4.splat(float(args, 4));
  let x = ptr(args, 0) + first, out = ptr(args, 1) + first;
  while (out + 16 <= end) {
    v128.store(out, apply(op, v128.load(x), p, q));
    x += 16;
    out += 16;
  }
  while (out < end) {
    store<f32>(out, f32x4.extract_lane(apply(op, v128.load32_splat(x), p, q), 0));
    x += 4;
    out += 4;
  }
}

export function neg(args: usize, part: i32, parts: i32): void {
  unary(NEG, args, part, parts);
}
export function abs(args: usize, part: i32, parts: i32): void {
  unary(ABS, args, part, parts);
}
export function square(args: usize, part: i32, parts: i32): void {
  unary(SQUARE, args, part, parts);
}
export function sqrt(args: usize, part: i32, parts: i32): void {
  unary(SQRT, args, part, parts);
}
export function rsqrt(args: usize, part: i32, parts: i32): void {
  unary(RSQRT, args, part, parts);
}
export function reciprocal(args: usize, part: i32, parts: i32): void {
  unary(RECIPROCAL, args, part, parts);
}
export function exp(args: usize, part: i32, parts: i32): void {
  unary(EXP, args, part, parts);
}
export function log(args: usize, part: i32, parts: i32): void {
  unary(LOG, args, part, parts);
}
export function relu(args: usize, part: i32, parts: i32): void {
  unary(RELU, args, part, parts);
}
/** 1 where x > 0, p elsewhere. */
export function step(args: usize, part: i32, parts: i32): void {
  unary(STEP, args, part, parts);
}
export function sigmoid(args: usize, part: i32, parts: i32): void {
  unary(SIGMOID, args, part, parts);
}
export function tanh(args: usize, part: i32, parts: i32): void {
  unary(TANH, args, part, parts);
}
export function erf(args: usize, part: i32, parts: i32): void {
  unary(ERF, args, part, parts);
}
export function elu(args: usize, part: i32, parts: i32): void {
  unary(ELU, args, part, parts);
}
/** x where it is not negative, x·p elsewhere. */
export function leakyRelu(args: usize, part: i32, parts: i32): void {
  unary(LEAKY, args, part, parts);
}
/** x kept between p and q. */
export function clip(args: usize, part: i32, parts: i32): void {
  unary(CLIP, args, part, parts);
}
export function ceil(args: usize, part: i32, parts: i32): void {
  unary(CEIL, args, part, parts);
}
export function floor(args: usize, part: i32, parts: i32): void {
  unary(FLOOR, args, part, parts);
}
/** To the nearest whole number, halves to the even one. */
export function round(args: usize, part: i32, parts: i32): void {
  unary(ROUND, args, part, parts);
}
export function softplus(args: usize, part: i32, parts: i32): void {
  unary(SOFTPLUS, args, part, parts);
}
