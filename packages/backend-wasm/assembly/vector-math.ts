import { highDoubles, lowDoubles } from './simd';

// Functions of four float32 at a time, to about 1 ulp, after the single-precision routines of the Cephes library.

// @ts-ignore: decorator
@inline
function step(value: v128, x: v128, coefficient: f32): v128 {
  return f32x4.add(f32x4.mul(value, x), f32x4.splat(coefficient));
}

/** 2ⁿ for whole n from −126 to 127. */
// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

export function exp4(value: v128): v128 {
  const x = f32x4.max(f32x4.min(value, f32x4.splat(89)), f32x4.splat(-104));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
  const r = f32x4.add(f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375))), f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = step(p, r, 1.3981999507e-3);
  p = step(p, r, 8.3334519073e-3);
  p = step(p, r, 4.1665795894e-2);
  p = step(p, r, 1.6666665459e-1);
  p = step(p, r, 5.0000001201e-1);
  const y = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
  // In two factors, so that the largest and the denormal results come out right.
  const whole = i32x4.trunc_sat_f32x4_s(n), half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(y, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

export function log4(x: v128): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, tiny);
  let e = i32x4.sub(v128.and(i32x4.shr_u(scaled, 23), i32x4.splat(0xff)), i32x4.splat(126));
  e = i32x4.sub(e, v128.and(tiny, i32x4.splat(23)));
  let m = v128.or(v128.and(scaled, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const low = f32x4.lt(m, f32x4.splat(0.707106781186547524));
  e = i32x4.add(e, low);
  m = f32x4.sub(f32x4.add(m, v128.and(m, low)), f32x4.splat(1));
  const z = f32x4.mul(m, m), exponent = f32x4.convert_i32x4_s(e);
  let p = f32x4.splat(7.0376836292e-2);
  p = step(p, m, -1.1514610310e-1);
  p = step(p, m, 1.1676998740e-1);
  p = step(p, m, -1.2420140846e-1);
  p = step(p, m, 1.4249322787e-1);
  p = step(p, m, -1.6668057665e-1);
  p = step(p, m, 2.0000714765e-1);
  p = step(p, m, -2.4999993993e-1);
  p = step(p, m, 3.3333331174e-1);
  let y = f32x4.mul(f32x4.mul(p, m), z);
  y = f32x4.sub(y, f32x4.mul(exponent, f32x4.splat(2.12194440e-4)));
  y = f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5)));
  y = f32x4.add(f32x4.add(m, y), f32x4.mul(exponent, f32x4.splat(0.693359375)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
  y = v128.bitselect(x, y, f32x4.eq(x, f32x4.splat(Infinity)));
  return v128.bitselect(y, f32x4.splat(NaN), f32x4.ge(x, f32x4.splat(0)));
}

export function sigmoid4(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), exp4(f32x4.neg(x))));
}

export function tanh4(x: v128): v128 {
  const size = f32x4.abs(x), z = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = step(p, z, 2.06390887954e-2);
  p = step(p, z, -5.37397155531e-2);
  p = step(p, z, 1.33314422036e-1);
  p = step(p, z, -3.33332819422e-1);
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const e = exp4(f32x4.add(size, size));
  const far = f32x4.sub(f32x4.splat(1), f32x4.div(f32x4.splat(2), f32x4.add(e, f32x4.splat(1))));
  const signed = v128.or(far, v128.and(x, i32x4.splat(0x80000000)));
  return v128.bitselect(near, signed, f32x4.lt(size, f32x4.splat(0.625)));
}

/** Abramowitz and Stegun 7.1.26, as tfjs has it: error below 1.5e-7, and float32 rounding. */
export function erf4(x: v128): v128 {
  const size = f32x4.abs(x);
  const t = f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), f32x4.mul(size, f32x4.splat(0.3275911))));
  let p = f32x4.splat(1.061405429);
  p = step(p, t, -1.453152027);
  p = step(p, t, 1.421413741);
  p = step(p, t, -0.284496736);
  p = step(p, t, 0.254829592);
  const y = f32x4.sub(f32x4.splat(1), f32x4.mul(f32x4.mul(p, t), exp4(f32x4.neg(f32x4.mul(size, size)))));
  return v128.or(v128.andnot(y, i32x4.splat(0x80000000)), v128.and(x, i32x4.splat(0x80000000)));
}

/** log(1 + eˣ). */
export function softplus4(x: v128): v128 {
  const e = exp4(f32x4.neg(f32x4.abs(x))), u = f32x4.add(e, f32x4.splat(1)), d = f32x4.sub(u, f32x4.splat(1));
  // log(1+e) = log(u)·e/(u−1), which does not lose a small e.
  const exact = f32x4.mul(log4(u), f32x4.div(e, d));
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), v128.bitselect(e, exact, f32x4.eq(d, f32x4.splat(0))));
}

/** Natural logarithm of a positive finite number, to about 1e-15. */
function log64(x: f64): f64 {
  const bits = reinterpret<i64>(x);
  let e = <i32>((bits >> 52) & 0x7ff) - 1023;
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    e++;
  }
  const s = (m - 1) / (m + 1), z = s * s;
  let p: f64 = 1.0 / 17;
  p = p * z + 1.0 / 15;
  p = p * z + 1.0 / 13;
  p = p * z + 1.0 / 11;
  p = p * z + 1.0 / 9;
  p = p * z + 1.0 / 7;
  p = p * z + 1.0 / 5;
  p = p * z + 1.0 / 3;
  return <f64>e * 0.6931471805599453 + 2 * s * (p * z + 1);
}

function exp64(value: f64): f64 {
  const x = max(min(value, 200.0), -200.0), n = nearest(x * 1.4426950408889634), r = x - n * 0.6931471805599453;
  let p: f64 = 1;
  for (let i = 12; i > 0; i--) p = (p * r) / <f64>i + 1;
  return p * reinterpret<f64>((<i64>n + 1023) << 52);
}

/** xʸ as `Math.pow` has it; float32 operands, whose logarithms float64 holds exactly enough. */
function power(x: f64, y: f64): f64 {
  if (y == 0) return 1;
  if (x != x || y != y) return NaN;
  const size = abs(x);
  if (abs(y) == Infinity) return size == 1 ? NaN : (size > 1) == (y > 0) ? Infinity : 0;
  const whole = floor(y) == y, odd = whole && floor(y * 0.5) != y * 0.5;
  if (size == 0) return y > 0 ? (odd ? x : 0) : odd ? 1 / x : Infinity;
  if (x < 0 && x != -Infinity && !whole) return NaN;
  const result = size == Infinity ? (y > 0 ? <f64>Infinity : 0) : exp64(y * log64(size));
  return x < 0 && odd ? -result : result;
}

export function power4(x: v128, y: v128): v128 {
  let out = f32x4.splat(<f32>power(<f64>f32x4.extract_lane(x, 0), <f64>f32x4.extract_lane(y, 0)));
  out = f32x4.replace_lane(out, 1, <f32>power(<f64>f32x4.extract_lane(x, 1), <f64>f32x4.extract_lane(y, 1)));
  out = f32x4.replace_lane(out, 2, <f32>power(<f64>f32x4.extract_lane(x, 2), <f64>f32x4.extract_lane(y, 2)));
  return f32x4.replace_lane(out, 3, <f32>power(<f64>f32x4.extract_lane(x, 3), <f64>f32x4.extract_lane(y, 3)));
}

// @ts-ignore: decorator
@inline
export function sumLanes(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1) + (f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3))
  );
}

/** In float64, for sums of many such sums. */
// @ts-ignore: decorator
@inline
export function sumLanes64(x: v128): f64 {
  const pairs = f64x2.add(lowDoubles(x), highDoubles(x));
  return f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1);
}

// @ts-ignore: decorator
@inline
export function maxLanes(x: v128): f32 {
  return max(
    max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)),
    max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)),
  );
}
