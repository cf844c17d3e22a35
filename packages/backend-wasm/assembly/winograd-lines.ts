import { both } from './winograd-lanes';

// The one-dimensional transforms of Winograd's F(4, 3): four outputs of a three-tap correlation from six products,
//   y = Aᵀ[(G g) ⊙ (Bᵀ d)],
// after Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), with the points 0, ±1, ±2, ∞. Each
// takes the vectors of a line, four channels in each, or pairs of them, and stores the results `step` bytes apart.

// @ts-ignore: decorator
@inline
export function times(x: v128, factor: f32): v128 {
  return f32x4.mul(x, f32x4.splat(factor));
}

// @ts-ignore: decorator
@inline
export function plus(x: v128, y: v128): v128 {
  return f32x4.add(x, y);
}

// @ts-ignore: decorator
@inline
export function minus(x: v128, y: v128): v128 {
  return f32x4.sub(x, y);
}

// @ts-ignore: decorator
@inline
export function twice(x: v128): v128 {
  return f32x4.add(x, x);
}

/** Bᵀ d: 6 → 6. Doubling by addition needs no constants, which V8 would load anew every time. */
// @ts-ignore: decorator
@inline
export function lineBT(
  d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, e0: v128, e1: v128, e2: v128, e3: v128, e4: v128, e5: v128, to: usize, step: usize,
): void {
  const near = minus(d4, d2), far = twice(minus(d3, d1)), nearE = minus(e4, e2), farE = twice(minus(e3, e1));
  both(to, plus(near, twice(twice(minus(d0, d2)))), plus(nearE, twice(twice(minus(e0, e2)))));
  const even = minus(d4, twice(twice(d2))), odd = minus(d3, twice(twice(d1)));
  const evenE = minus(e4, twice(twice(e2))), oddE = minus(e3, twice(twice(e1)));
  both(to + step, plus(even, odd), plus(evenE, oddE));
  both(to + 2 * step, minus(even, odd), minus(evenE, oddE));
  both(to + 3 * step, plus(near, far), plus(nearE, farE));
  both(to + 4 * step, minus(near, far), minus(nearE, farE));
  both(to + 5 * step, minus(minus(d5, d3), twice(far)), minus(minus(e5, e3), twice(farE)));
}

/** Aᵀ m: 6 → 4. */
// @ts-ignore: decorator
@inline
export function lineAT(
  m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, n0: v128, n1: v128, n2: v128, n3: v128, n4: v128, n5: v128, to: usize, step: usize,
): void {
  const near = plus(m1, m2), nearOdd = minus(m1, m2), far = plus(m3, m4), farOdd = twice(minus(m3, m4));
  const nearN = plus(n1, n2), nearOddN = minus(n1, n2), farN = plus(n3, n4), farOddN = twice(minus(n3, n4));
  both(to, plus(plus(m0, near), far), plus(plus(n0, nearN), farN));
  both(to + step, plus(nearOdd, farOdd), plus(nearOddN, farOddN));
  both(to + 2 * step, plus(near, twice(twice(far))), plus(nearN, twice(twice(farN))));
  both(to + 3 * step, plus(plus(nearOdd, twice(twice(farOdd))), m5), plus(plus(nearOddN, twice(twice(farOddN))), n5));
}

/** A y: 4 → 6, the transpose of Aᵀ. */
// @ts-ignore: decorator
@inline
export function lineA(y0: v128, y1: v128, y2: v128, y3: v128, z0: v128, z1: v128, z2: v128, z3: v128, to: usize, step: usize): void {
  both(to, y0, z0);
  const even = plus(y0, y2), odd = plus(y1, y3), evenZ = plus(z0, z2), oddZ = plus(z1, z3);
  both(to + step, plus(even, odd), plus(evenZ, oddZ));
  both(to + 2 * step, minus(even, odd), minus(evenZ, oddZ));
  const even2 = plus(y0, twice(twice(y2))), odd2 = twice(plus(y1, twice(twice(y3))));
  const even2Z = plus(z0, twice(twice(z2))), odd2Z = twice(plus(z1, twice(twice(z3))));
  both(to + 3 * step, plus(even2, odd2), plus(even2Z, odd2Z));
  both(to + 4 * step, minus(even2, odd2), minus(even2Z, odd2Z));
  both(to + 5 * step, y3, z3);
}

/** G g: 3 → 6. */
// @ts-ignore: decorator
@inline
export function lineG(g0: v128, g1: v128, g2: v128, to: usize, step: usize): void {
  v128.store(to, times(g0, 0.25));
  const outer = times(plus(g0, g2), -1.0 / 6.0), middle = times(g1, 1.0 / 6.0);
  v128.store(to + step, minus(outer, middle));
  v128.store(to + 2 * step, plus(outer, middle));
  const even = plus(times(g0, 1.0 / 24.0), times(g2, 1.0 / 6.0)), odd = times(g1, 1.0 / 12.0);
  v128.store(to + 3 * step, plus(even, odd));
  v128.store(to + 4 * step, minus(even, odd));
  v128.store(to + 5 * step, g2);
}

/** Gᵀ u: 6 → 3, the transpose of G. */
// @ts-ignore: decorator
@inline
export function lineGT(u0: v128, u1: v128, u2: v128, u3: v128, u4: v128, u5: v128, to: usize, step: usize): void {
  const near = times(plus(u1, u2), 1.0 / 6.0), far = plus(u3, u4);
  v128.store(to, plus(minus(times(u0, 0.25), near), times(far, 1.0 / 24.0)));
  v128.store(to + step, plus(times(minus(u2, u1), 1.0 / 6.0), times(minus(u3, u4), 1.0 / 12.0)));
  v128.store(to + 2 * step, plus(minus(times(far, 1.0 / 6.0), near), u5));
}
