import { int, partStart, ptr } from './args';
import { get, put } from './simd';
import { exp4, tanh4 } from './vector-math';

// The Gaussian error linear unit x·Φ(x), or with `approximate` x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2, and its gradient.

/** Φ of the standard normal: Abramowitz and Stegun 7.1.26 for its tail, error below 1e-7. `e` is exp(−x²/2). */
// @ts-ignore: decorator
@inline
function normal(x: v128, e: v128): v128 {
  const size = f32x4.mul(f32x4.abs(x), f32x4.splat(0.7071067811865476));
  const t = f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), f32x4.mul(size, f32x4.splat(0.3275911))));
  let p = f32x4.splat(1.061405429);
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-1.453152027));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(1.421413741));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(-0.284496736));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.254829592));
  const tail = f32x4.mul(f32x4.mul(f32x4.mul(p, t), e), f32x4.splat(0.5));
  return v128.bitselect(tail, f32x4.sub(f32x4.splat(1), tail), f32x4.lt(x, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
function density(x: v128): v128 {
  return exp4(f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5)));
}

/** tanh(√(2/π)·(x + 0.044715·x³)) */
// @ts-ignore: decorator
@inline
function bend(x: v128): v128 {
  const cubic = f32x4.add(f32x4.mul(f32x4.mul(x, x), f32x4.splat(0.044715)), f32x4.splat(1));
  return tanh4(f32x4.mul(f32x4.mul(x, f32x4.splat(0.7978845608028654)), cubic));
}

// @ts-ignore: decorator
@inline
function value(x: v128, approximate: bool): v128 {
  if (!approximate) return f32x4.mul(x, normal(x, density(x)));
  return f32x4.mul(x, f32x4.mul(f32x4.add(bend(x), f32x4.splat(1)), f32x4.splat(0.5)));
}

// @ts-ignore: decorator
@inline
function slope(x: v128, approximate: bool): v128 {
  if (!approximate) {
    const e = density(x);
    return f32x4.add(normal(x, e), f32x4.mul(f32x4.mul(x, e), f32x4.splat(0.3989422804014327)));
  }
  const t = bend(x), half = f32x4.mul(f32x4.add(t, f32x4.splat(1)), f32x4.splat(0.5));
  const inner = f32x4.add(f32x4.mul(f32x4.mul(x, x), f32x4.splat(0.134145)), f32x4.splat(1));
  const rest = f32x4.mul(f32x4.mul(x, inner), f32x4.mul(f32x4.sub(f32x4.splat(1), f32x4.mul(t, t)), f32x4.splat(0.3989422804014327)));
  return f32x4.add(half, rest);
}

// @ts-ignore: decorator
@inline
function forward(args: usize, part: i32, parts: i32, approximate: bool): void {
  const x = ptr(args, 0), y = ptr(args, 1), n = int(args, 2);
  const end = (<usize>partStart(n, part + 1, parts)) << 2;
  let i = (<usize>partStart(n, part, parts)) << 2;
  for (; i + 16 <= end; i += 16) v128.store(y + i, value(v128.load(x + i), approximate));
  for (; i < end; i += 4) put(y + i, value(get(x + i, false), approximate), false);
}

// @ts-ignore: decorator
@inline
function backward(args: usize, part: i32, parts: i32, approximate: bool): void {
  const x = ptr(args, 0), dx = ptr(args, 1), n = int(args, 2), dy = ptr(args, 3);
  const end = (<usize>partStart(n, part + 1, parts)) << 2;
  let i = (<usize>partStart(n, part, parts)) << 2;
  for (; i + 16 <= end; i += 16) v128.store(dx + i, f32x4.mul(v128.load(dy + i), slope(v128.load(x + i), approximate)));
  for (; i < end; i += 4) put(dx + i, f32x4.mul(get(dy + i, false), slope(get(x + i, false), approximate)), false);
}

/** args: x, y, elements. */
export function gelu(args: usize, part: i32, parts: i32): void {
  forward(args, part, parts, false);
}
export function geluApproximate(args: usize, part: i32, parts: i32): void {
  forward(args, part, parts, true);
}
/** args: x, dx, elements, dy. */
export function geluGrad(args: usize, part: i32, parts: i32): void {
  backward(args, part, parts, false);
}
export function geluApproximateGrad(args: usize, part: i32, parts: i32): void {
  backward(args, part, parts, true);
}
