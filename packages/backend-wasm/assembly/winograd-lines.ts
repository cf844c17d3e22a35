import { both } from './winograd-lanes';

// The one-dimensional transforms of Winograd's F(4, 3): four outputs of a three-tap correlation from six products,
//   y = Aᵀ[(G g) ⊙ (Bᵀ d)],
// after Lavin & Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), with the points 0, ±1, ±2, ∞. Each
// takes the vectors of a line, four channels in each, or pairs of them, and stores the results `step` bytes apart.

// Factors stand in memory, since V8 would put a constant vector together anew every time.
const FACTORS: usize = memory.data<f32>([1.0 / 2.0, -1.0 / 2.0, 1.0 / 3.0, 1.0 / 4.0, 1.0 / 6.0, -1.0 / 6.0, 1.0 / 12.0, 1.0 / 24.0]);
export const HALF: usize = FACTORS, MINUS_HALF: usize = FACTORS + 4, THIRD: usize = FACTORS + 8, SIXTH: usize = FACTORS + 16;
const QUARTER: usize = FACTORS + 12, MINUS_SIXTH: usize = FACTORS + 20, TWELFTH: usize = FACTORS + 24, TWENTY_FOURTH: usize = FACTORS + 28;

/** x times the factor at an address. */
// @ts-ignore: decorator
@inline
export function times(x: v128, factor: usize): v128 {
  return f32x4.mul(x, v128.load32_splat(factor));
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

/** Bᵀ d: 6 → 6. Doubling by addition needs no factors. */
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
export function lineG(g0: v128, g1: v128, g2: v128, h0: v128, h1: v128, h2: v128, to: usize, step: usize): void {
  both(to, times(g0, QUARTER), times(h0, QUARTER));
  const outer = times(plus(g0, g2), MINUS_SIXTH), middle = times(g1, SIXTH);
  const outerH = times(plus(h0, h2), MINUS_SIXTH), middleH = times(h1, SIXTH);
  both(to + step, minus(outer, middle), minus(outerH, middleH));
  both(to + 2 * step, plus(outer, middle), plus(outerH, middleH));
  const even = plus(times(g0, TWENTY_FOURTH), times(g2, SIXTH)), odd = times(g1, TWELFTH);
  const evenH = plus(times(h0, TWENTY_FOURTH), times(h2, SIXTH)), oddH = times(h1, TWELFTH);
  both(to + 3 * step, plus(even, odd), plus(evenH, oddH));
  both(to + 4 * step, minus(even, odd), minus(evenH, oddH));
  both(to + 5 * step, g2, h2);
}

/** Gᵀ u: 6 → 3, the transpose of G. */
// @ts-ignore: decorator
@inline
export function lineGT(
  u0: v128, u1: v128, u2: v128, u3: v128, u4: v128, u5: v128, w0: v128, w1: v128, w2: v128, w3: v128, w4: v128, w5: v128, to: usize, step: usize,
): void {
  const near = times(plus(u1, u2), SIXTH), far = plus(u3, u4), nearW = times(plus(w1, w2), SIXTH), farW = plus(w3, w4);
  both(to, plus(minus(times(u0, QUARTER), near), times(far, TWENTY_FOURTH)), plus(minus(times(w0, QUARTER), nearW), times(farW, TWENTY_FOURTH)));
  const odd = plus(times(minus(u2, u1), SIXTH), times(minus(u3, u4), TWELFTH));
  both(to + step, odd, plus(times(minus(w2, w1), SIXTH), times(minus(w3, w4), TWELFTH)));
  both(to + 2 * step, plus(minus(times(far, SIXTH), near), u5), plus(minus(times(farW, SIXTH), nearW), w5));
}
