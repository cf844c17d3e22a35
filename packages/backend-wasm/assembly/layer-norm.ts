import { float, int, partStart, ptr } from './args';
import { get, madd, put } from './simd';
import { sumLanes64 } from './vector-math';

// Layer normalisation of the rows of x [rows, d], whose mean and 1/√(variance+ε) are kept for the gradient.

/** Bytes that are summed in float32 before the sum goes on in float64. */
const BLOCK: usize = 1024;

/** Σ(x − shift)^power of a row. */
// @ts-ignore: decorator
@inline
function rowSum(x: usize, bytes: usize, shift: f32, squared: bool): f64 {
  const centre = f32x4.splat(shift);
  let total: f64 = 0;
  for (let start: usize = 0; start < bytes; start += BLOCK) {
    const stop = min(start + BLOCK, bytes), whole = start + ((stop - start) & ~31);
    let a = f32x4.splat(0), b = f32x4.splat(0), i = start;
    for (; i < whole; i += 32) {
      const p = f32x4.sub(v128.load(x + i), centre), q = f32x4.sub(v128.load(x + i, 16), centre);
      a = squared ? madd(p, p, a) : f32x4.add(a, p);
      b = squared ? madd(q, q, b) : f32x4.add(b, q);
    }
    total += sumLanes64(f32x4.add(a, b));
    for (; i < stop; i += 4) {
      const p = <f64>load<f32>(x + i) - <f64>shift;
      total += squared ? p * p : p;
    }
  }
  return total;
}

// @ts-ignore: decorator
@inline
function normalizeAt(x: usize, y: usize, gamma: usize, beta: usize, mean: v128, inverse: v128, affine: bool, wide: bool): void {
  const normed = f32x4.mul(f32x4.sub(get(x, wide), mean), inverse);
  put(y, affine ? madd(normed, get(gamma, wide), get(beta, wide)) : normed, wide);
}

// @ts-ignore: decorator
@inline
function normalizeRow(x: usize, y: usize, gamma: usize, beta: usize, bytes: usize, mean: v128, inverse: v128, affine: bool): void {
  const whole = bytes & ~15;
  for (let i: usize = 0; i < whole; i += 16) normalizeAt(x + i, y + i, gamma + i, beta + i, mean, inverse, affine, true);
  for (let i = whole; i < bytes; i += 4) normalizeAt(x + i, y + i, gamma + i, beta + i, mean, inverse, affine, false);
}

/** args: x, γ and β (0: none), y, mean [rows], inverse deviation [rows], rows, d, ε. */
export function layerNorm(args: usize, part: i32, parts: i32): void {
  const gamma = ptr(args, 1), beta = ptr(args, 2), rows = int(args, 6), d = int(args, 7), bytes = (<usize>d) << 2;
  const last = partStart(rows, part + 1, parts);
  for (let row = partStart(rows, part, parts); row < last; row++) {
    const x = ptr(args, 0) + (<usize>row) * bytes, y = ptr(args, 3) + (<usize>row) * bytes;
    const mean = <f32>(rowSum(x, bytes, 0, false) / <f64>d);
    const inverse = <f32>(1 / sqrt(rowSum(x, bytes, mean, true) / <f64>d + <f64>float(args, 8)));
    store<f32>(ptr(args, 4) + ((<usize>row) << 2), mean);
    store<f32>(ptr(args, 5) + ((<usize>row) << 2), inverse);
    if (gamma != 0) normalizeRow(x, y, gamma, beta, bytes, f32x4.splat(mean), f32x4.splat(inverse), true);
    else normalizeRow(x, y, 0, 0, bytes, f32x4.splat(mean), f32x4.splat(inverse), false);
  }
}

// @ts-ignore: decorator
@inline
function addAt(dy: usize, x: usize, gamma: usize, dgamma: usize, dbeta: usize, mean: v128, inverse: v128, affine: bool, wide: bool): v128 {
  const slope = get(dy, wide), normed = f32x4.mul(f32x4.sub(get(x, wide), mean), inverse);
  put(dgamma, madd(slope, normed, get(dgamma, wide)), wide);
  put(dbeta, f32x4.add(get(dbeta, wide), slope), wide);
  return affine ? f32x4.mul(slope, get(gamma, wide)) : slope;
}

// @ts-ignore: decorator
@inline
function slopeAt(dy: usize, x: usize, gamma: usize, dx: usize, mean: v128, inverse: v128, centre: v128, along: v128, affine: bool, wide: bool): void {
  const g = affine ? f32x4.mul(get(dy, wide), get(gamma, wide)) : get(dy, wide);
  const normed = f32x4.mul(f32x4.sub(get(x, wide), mean), inverse);
  put(dx, f32x4.mul(f32x4.sub(f32x4.sub(g, centre), f32x4.mul(normed, along)), inverse), wide);
}

/** With g = γ·dy and x̂ = (x−mean)·inverse: dx = inverse·(g − mean(g) − x̂·mean(g·x̂)), and adds dy·x̂ and dy to dγ and dβ. */
// @ts-ignore: decorator
@inline
function rowGrad(dy: usize, x: usize, gamma: usize, dx: usize, dgamma: usize, dbeta: usize, d: i32, m: f32, s: f32, affine: bool): void {
  const bytes = (<usize>d) << 2, mean = f32x4.splat(m), inverse = f32x4.splat(s);
  let sum: f64 = 0, product: f64 = 0;
  for (let start: usize = 0; start < bytes; start += BLOCK) {
    const stop = min(start + BLOCK, bytes), whole = start + ((stop - start) & ~15);
    let a = f32x4.splat(0), b = f32x4.splat(0), i = start;
    for (; i < whole; i += 16) {
      const g = addAt(dy + i, x + i, gamma + i, dgamma + i, dbeta + i, mean, inverse, affine, true);
      a = f32x4.add(a, g);
      b = madd(g, f32x4.mul(f32x4.sub(v128.load(x + i), mean), inverse), b);
    }
    sum += sumLanes64(a);
    product += sumLanes64(b);
    for (; i < stop; i += 4) {
      const g = f32x4.extract_lane(addAt(dy + i, x + i, gamma + i, dgamma + i, dbeta + i, mean, inverse, affine, false), 0);
      sum += <f64>g;
      product += <f64>g * <f64>((load<f32>(x + i) - m) * s);
    }
  }
  const centre = f32x4.splat(<f32>(sum / <f64>d)), along = f32x4.splat(<f32>(product / <f64>d)), whole = bytes & ~15;
  for (let i: usize = 0; i < whole; i += 16) slopeAt(dy + i, x + i, gamma + i, dx + i, mean, inverse, centre, along, affine, true);
  for (let i = whole; i < bytes; i += 4) slopeAt(dy + i, x + i, gamma + i, dx + i, mean, inverse, centre, along, affine, false);
}

/**
 * dx, and the sums dγ and dβ of every chunk of rows. args: dy, x, γ (0: none), mean, inverse deviation, dx,
 * dγ [chunks, d], dβ [chunks, d], rows, d, chunks.
 */
export function layerNormGrad(args: usize, part: i32, parts: i32): void {
  const gamma = ptr(args, 2), rows = int(args, 8), d = int(args, 9), chunks = int(args, 10), bytes = (<usize>d) << 2;
  const end = partStart(chunks, part + 1, parts);
  for (let chunk = partStart(chunks, part, parts); chunk < end; chunk++) {
    const dgamma = ptr(args, 6) + (<usize>chunk) * bytes, dbeta = ptr(args, 7) + (<usize>chunk) * bytes;
    memory.fill(dgamma, 0, bytes);
    memory.fill(dbeta, 0, bytes);
    const last = partStart(rows, chunk + 1, chunks);
    for (let row = partStart(rows, chunk, chunks); row < last; row++) {
      const offset = (<usize>row) * bytes, at = (<usize>row) << 2;
      const dy = ptr(args, 0) + offset, x = ptr(args, 1) + offset, dx = ptr(args, 5) + offset;
      const mean = load<f32>(ptr(args, 3) + at), inverse = load<f32>(ptr(args, 4) + at);
      if (gamma != 0) rowGrad(dy, x, gamma, dx, dgamma, dbeta, d, mean, inverse, true);
      else rowGrad(dy, x, 0, dx, dgamma, dbeta, d, mean, inverse, false);
    }
  }
}
