import { both } from './winograd-lanes';
import { HALF, MINUS_HALF, minus, plus, SIXTH, THIRD, times, twice } from './winograd-lines';

// The one-dimensional transforms for filters of three taps and stride 2. The outer taps see every other pixel, as a
// two-tap filter does; four outputs of it take five products with the points 0, 1, −1, 2, ∞, after Lavin & Gray's scheme.
// The middle tap sees the pixels in between, with one product an output. Nine products for four outputs, where the direct
// sum has twelve; of the transformed filter only six values differ, since the last four products share the middle tap.

/** Bᵀ e: 5 → 5. */
// @ts-ignore: decorator
@inline
export function lineBT5(
  e0: v128, e1: v128, e2: v128, e3: v128, e4: v128, f0: v128, f1: v128, f2: v128, f3: v128, f4: v128, to: usize, step: usize,
): void {
  const outer = minus(e3, e1), inner = minus(e3, e2), outerF = minus(f3, f1), innerF = minus(f3, f2);
  both(to, plus(outer, twice(minus(e0, e2))), plus(outerF, twice(minus(f0, f2))));
  both(to + step, minus(inner, twice(e1)), minus(innerF, twice(f1)));
  both(to + 2 * step, plus(inner, twice(minus(e1, e2))), plus(innerF, twice(minus(f1, f2))));
  both(to + 3 * step, outer, outerF);
  both(to + 4 * step, minus(minus(e4, e2), twice(outer)), minus(minus(f4, f2), twice(outerF)));
}

/** A y: 4 → 5. */
// @ts-ignore: decorator
@inline
export function lineA5(y0: v128, y1: v128, y2: v128, y3: v128, z0: v128, z1: v128, z2: v128, z3: v128, to: usize, step: usize): void {
  const even = plus(y0, y2), odd = plus(y1, y3), evenZ = plus(z0, z2), oddZ = plus(z1, z3);
  both(to, y0, z0);
  both(to + step, plus(even, odd), plus(evenZ, oddZ));
  both(to + 2 * step, minus(even, odd), minus(evenZ, oddZ));
  both(to + 3 * step, plus(y0, twice(plus(y1, twice(plus(y2, twice(y3)))))), plus(z0, twice(plus(z1, twice(plus(z2, twice(z3)))))));
  both(to + 4 * step, y3, z3);
}

/** G g: the outer taps and the middle one, 3 → 6. */
// @ts-ignore: decorator
@inline
export function lineG6(g0: v128, g1: v128, g2: v128, h0: v128, h1: v128, h2: v128, to: usize, step: usize): void {
  both(to, times(g0, HALF), times(h0, HALF));
  both(to + step, times(plus(g0, g2), MINUS_HALF), times(plus(h0, h2), MINUS_HALF));
  both(to + 2 * step, times(minus(g2, g0), SIXTH), times(minus(h2, h0), SIXTH));
  both(to + 3 * step, plus(times(g0, SIXTH), times(g2, THIRD)), plus(times(h0, SIXTH), times(h2, THIRD)));
  both(to + 4 * step, g2, h2);
  both(to + 5 * step, g1, h1);
}

/** Gᵀ u: 6 → 3, the transpose of G. */
// @ts-ignore: decorator
@inline
export function lineGT6(
  u0: v128, u1: v128, u2: v128, u3: v128, u4: v128, u5: v128, w0: v128, w1: v128, w2: v128, w3: v128, w4: v128, w5: v128, to: usize, step: usize,
): void {
  const half = times(u1, MINUS_HALF), sixth = times(u2, SIXTH), third = times(u3, THIRD);
  const halfW = times(w1, MINUS_HALF), sixthW = times(w2, SIXTH), thirdW = times(w3, THIRD);
  const first = plus(plus(times(u0, HALF), half), minus(times(third, HALF), sixth));
  both(to, first, plus(plus(times(w0, HALF), halfW), minus(times(thirdW, HALF), sixthW)));
  both(to + step, u5, w5);
  both(to + 2 * step, plus(plus(half, sixth), plus(third, u4)), plus(plus(halfW, sixthW), plus(thirdW, w4)));
}
