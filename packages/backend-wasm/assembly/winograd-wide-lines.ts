import { madd } from './simd';
import { both, LANES, second } from './winograd-lanes';
import { minus, plus } from './winograd-lines';

// The one-dimensional transforms of F(8, 3): eight outputs of a three-tap correlation from ten products, after Lavin & Gray's
// scheme, with the points 0, ±3/7, ±9/11, ±11/9, ±7/3, ∞. Sets of ten points that are symmetric share the even and the odd half of a pair ±a, and
// hardly any set errs less in float32 than these (docs/decisions/0012-winograd-by-kinds-of-tiles.md): three times as much as the six of F(4, 3).

// For each pair ±a: the coefficients t₂, t₁, t₀ of Π(y − b²) over the other pairs; a, a², … a⁷; 1/n, a/n, a²/n with
// n = 2a²·Π(a² − b²). Then s₃ … s₀ of Π(y − a²) over all pairs, and 1/s₀. All rounded to float32.
const K: usize = memory.data<f32>([
  -7.607693, 12.777687, -5.4444447, 0.42857143, 0.18367347, 0.0787172, 0.033735942, 0.014458261, 0.006196398, 0.002655599, -0.81309426, -0.34846896, -0.14934385,
  -7.121945, 9.407435, -1.4938271, 0.8181818, 0.6694215, 0.5477085, 0.44812512, 0.36664784, 0.2999846, 0.24544194, 0.39060956, 0.31958964, 0.26148245,
  -6.297539, 4.767583, -0.6694215, 1.2222222, 1.4938271, 1.8257887, 2.2315197, 2.727413, 3.3335047, 4.074283, -0.0784407, -0.09587197, -0.11717685,
  -2.3469222, 1.3973314, -0.18367347, 2.3333333, 5.4444447, 12.703704, 29.641975, 69.16461, 161.3841, 376.56287, 0.0009253939, 0.0021592523, 0.0050382554,
  -7.7913666, 14.175018, -7.7913666, 1.0, 1.0,
]);
const PAIR: usize = 13;
const T2: usize = 0, T1: usize = 1, T0: usize = 2, POWER: usize = 2, N: usize = 10; // aⁱ at POWER + i, aⁱ/n at N + i
const S: usize = 4 * PAIR; // s₃ … s₀, 1/s₀

// @ts-ignore: decorator
@inline
function k(i: usize): v128 {
  return v128.load32_splat(K + (i << 2));
}

// @ts-ignore: decorator
@inline
function storePair(even: v128, odd: v128, evenE: v128, oddE: v128, to: usize, step: usize): void {
  both(to, f32x4.add(even, odd), f32x4.add(evenE, oddE));
  both(to + step, f32x4.sub(even, odd), f32x4.sub(evenE, oddE));
}

/** a x₀ + b x₁ + c x₂ + x₃. */
// @ts-ignore: decorator
@inline
function cubic(a: v128, b: v128, c: v128, x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  return madd(a, x0, madd(b, x1, madd(c, x2, x3)));
}

/** x₄ + s₃x₃ + s₂x₂ + s₁x₁ + s₀x₀, of x and of y. */
// @ts-ignore: decorator
@inline
function storeWhole(x0: v128, x1: v128, x2: v128, x3: v128, x4: v128, y0: v128, y1: v128, y2: v128, y3: v128, y4: v128, to: usize): void {
  const s0 = k(S + 3), s1 = k(S + 2), s2 = k(S + 1), s3 = k(S);
  both(to, madd(s0, x0, cubic(s1, s2, s3, x1, x2, x3, x4)), madd(s0, y0, cubic(s1, s2, s3, y1, y2, y3, y4)));
}

/** The points ±a of pair j, from the even and the odd positions of d and of e. */
// @ts-ignore: decorator
@inline
function storePoints(
  j: usize, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, d6: v128, d7: v128, d8: v128,
  e1: v128, e2: v128, e3: v128, e4: v128, e5: v128, e6: v128, e7: v128, e8: v128, to: usize, step: usize,
): void {
  const t0 = k(j * PAIR + T0), t1 = k(j * PAIR + T1), t2 = k(j * PAIR + T2), a = k(j * PAIR + POWER + 1);
  storePair(
    cubic(t0, t1, t2, d2, d4, d6, d8), f32x4.mul(a, cubic(t0, t1, t2, d1, d3, d5, d7)),
    cubic(t0, t1, t2, e2, e4, e6, e8), f32x4.mul(a, cubic(t0, t1, t2, e1, e3, e5, e7)), to, step,
  );
}

/** Bᵀ d: 10 → 10. */
// @ts-ignore: decorator
@inline
export function lineBT10(
  d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, d6: v128, d7: v128, d8: v128, d9: v128,
  e0: v128, e1: v128, e2: v128, e3: v128, e4: v128, e5: v128, e6: v128, e7: v128, e8: v128, e9: v128, to: usize, step: usize,
): void {
  storeWhole(d0, d2, d4, d6, d8, e0, e2, e4, e6, e8, to);
  storePoints(0, d1, d2, d3, d4, d5, d6, d7, d8, e1, e2, e3, e4, e5, e6, e7, e8, to + step, step);
  storePoints(1, d1, d2, d3, d4, d5, d6, d7, d8, e1, e2, e3, e4, e5, e6, e7, e8, to + 3 * step, step);
  storePoints(2, d1, d2, d3, d4, d5, d6, d7, d8, e1, e2, e3, e4, e5, e6, e7, e8, to + 5 * step, step);
  storePoints(3, d1, d2, d3, d4, d5, d6, d7, d8, e1, e2, e3, e4, e5, e6, e7, e8, to + 7 * step, step);
  storeWhole(d1, d3, d5, d7, d9, e1, e3, e5, e7, e9, to + 9 * step);
}

/** `lineBT10` of ten places. */
// @ts-ignore: decorator
@inline
export function placesBT10(
  p0: usize, p1: usize, p2: usize, p3: usize, p4: usize, p5: usize, p6: usize, p7: usize, p8: usize, p9: usize, to: usize, step: usize,
): void {
  const d1 = v128.load(p1), e1 = second(p1), d2 = v128.load(p2), e2 = second(p2), d3 = v128.load(p3), e3 = second(p3);
  const d4 = v128.load(p4), e4 = second(p4), d5 = v128.load(p5), e5 = second(p5), d6 = v128.load(p6), e6 = second(p6);
  const d7 = v128.load(p7), e7 = second(p7), d8 = v128.load(p8), e8 = second(p8);
  lineBT10(
    v128.load(p0), d1, d2, d3, d4, d5, d6, d7, d8, v128.load(p9), second(p0), e1, e2, e3, e4, e5, e6, e7, e8, second(p9), to, step,
  );
}

/** `lineBT10` of ten side by side. */
// @ts-ignore: decorator
@inline
export function sideBT10(d: usize, to: usize, step: usize): void {
  placesBT10(
    d, d + LANES, d + 2 * LANES, d + 3 * LANES, d + 4 * LANES, d + 5 * LANES, d + 6 * LANES, d + 7 * LANES, d + 8 * LANES, d + 9 * LANES, to, step,
  );
}

/** Σ over the pairs of aⁱ·xⱼ, and of aⁱ·yⱼ. */
// @ts-ignore: decorator
@inline
function storePowers(i: usize, x0: v128, x1: v128, x2: v128, x3: v128, y0: v128, y1: v128, y2: v128, y3: v128, to: usize): void {
  const a0 = k(POWER + i), a1 = k(PAIR + POWER + i), a2 = k(2 * PAIR + POWER + i), a3 = k(3 * PAIR + POWER + i);
  both(to, cubic(a0, a1, a2, x0, x1, x2, f32x4.mul(a3, x3)), cubic(a0, a1, a2, y0, y1, y2, f32x4.mul(a3, y3)));
}

/** Aᵀ m: 10, `gap` bytes apart → 8. */
// @ts-ignore: decorator
@inline
export function lineAT10(m: usize, gap: usize, to: usize, step: usize): void {
  const m1 = v128.load(m + gap), n1 = second(m + gap), m2 = v128.load(m + 2 * gap), n2 = second(m + 2 * gap);
  const m3 = v128.load(m + 3 * gap), n3 = second(m + 3 * gap), m4 = v128.load(m + 4 * gap), n4 = second(m + 4 * gap);
  const m5 = v128.load(m + 5 * gap), n5 = second(m + 5 * gap), m6 = v128.load(m + 6 * gap), n6 = second(m + 6 * gap);
  const m7 = v128.load(m + 7 * gap), n7 = second(m + 7 * gap), m8 = v128.load(m + 8 * gap), n8 = second(m + 8 * gap);
  const s0 = plus(m1, m2), s1 = plus(m3, m4), s2 = plus(m5, m6), s3 = plus(m7, m8);
  const t0 = plus(n1, n2), t1 = plus(n3, n4), t2 = plus(n5, n6), t3 = plus(n7, n8);
  const m0 = v128.load(m), n0 = second(m), m9 = v128.load(m + 9 * gap), n9 = second(m + 9 * gap);
  both(to, plus(plus(m0, s0), plus(plus(s1, s2), s3)), plus(plus(n0, t0), plus(plus(t1, t2), t3)));
  storePowers(2, s0, s1, s2, s3, t0, t1, t2, t3, to + 2 * step);
  storePowers(4, s0, s1, s2, s3, t0, t1, t2, t3, to + 4 * step);
  storePowers(6, s0, s1, s2, s3, t0, t1, t2, t3, to + 6 * step);
  const d0 = minus(m1, m2), d1 = minus(m3, m4), d2 = minus(m5, m6), d3 = minus(m7, m8);
  const e0 = minus(n1, n2), e1 = minus(n3, n4), e2 = minus(n5, n6), e3 = minus(n7, n8);
  storePowers(1, d0, d1, d2, d3, e0, e1, e2, e3, to + step);
  storePowers(3, d0, d1, d2, d3, e0, e1, e2, e3, to + 3 * step);
  storePowers(5, d0, d1, d2, d3, e0, e1, e2, e3, to + 5 * step);
  const a0 = k(POWER + 7), a1 = k(PAIR + POWER + 7), a2 = k(2 * PAIR + POWER + 7), a3 = k(3 * PAIR + POWER + 7);
  both(to + 7 * step, plus(cubic(a0, a1, a2, d0, d1, d2, f32x4.mul(a3, d3)), m9), plus(cubic(a0, a1, a2, e0, e1, e2, f32x4.mul(a3, e3)), n9));
}

/** A y of one pair. */
// @ts-ignore: decorator
@inline
function spreadPair(
  j: usize, p0: usize, p1: usize, p2: usize, p3: usize, p4: usize, p5: usize, p6: usize, p7: usize, to: usize, step: usize,
): void {
  const p = j * PAIR + POWER;
  const a1 = k(p + 1), a2 = k(p + 2), a3 = k(p + 3), a4 = k(p + 4), a5 = k(p + 5), a6 = k(p + 6), a7 = k(p + 7);
  const y0 = v128.load(p0), z0 = second(p0), y1 = v128.load(p1), z1 = second(p1), y2 = v128.load(p2), z2 = second(p2);
  const y3 = v128.load(p3), z3 = second(p3), y4 = v128.load(p4), z4 = second(p4), y5 = v128.load(p5), z5 = second(p5);
  const y6 = v128.load(p6), z6 = second(p6), y7 = v128.load(p7), z7 = second(p7);
  storePair(
    cubic(a6, a4, a2, y6, y4, y2, y0), cubic(a7, a5, a3, y7, y5, y3, f32x4.mul(a1, y1)),
    cubic(a6, a4, a2, z6, z4, z2, z0), cubic(a7, a5, a3, z7, z5, z3, f32x4.mul(a1, z1)), to, step,
  );
}

/** A y: 8 places → 10, the transpose of Aᵀ. */
// @ts-ignore: decorator
@inline
export function placesA10(
  p0: usize, p1: usize, p2: usize, p3: usize, p4: usize, p5: usize, p6: usize, p7: usize, to: usize, step: usize,
): void {
  both(to, v128.load(p0), second(p0));
  spreadPair(0, p0, p1, p2, p3, p4, p5, p6, p7, to + step, step);
  spreadPair(1, p0, p1, p2, p3, p4, p5, p6, p7, to + 3 * step, step);
  spreadPair(2, p0, p1, p2, p3, p4, p5, p6, p7, to + 5 * step, step);
  spreadPair(3, p0, p1, p2, p3, p4, p5, p6, p7, to + 7 * step, step);
  both(to + 9 * step, v128.load(p7), second(p7));
}

/** `placesA10` of eight side by side. */
// @ts-ignore: decorator
@inline
export function sideA10(y: usize, to: usize, step: usize): void {
  placesA10(y, y + LANES, y + 2 * LANES, y + 3 * LANES, y + 4 * LANES, y + 5 * LANES, y + 6 * LANES, y + 7 * LANES, to, step);
}

/** G g: 3, `gap` bytes apart → 10. */
export function lineG10(g: usize, gap: usize, to: usize, step: usize): void {
  const g0 = v128.load(g), h0 = second(g), g1 = v128.load(g + gap), h1 = second(g + gap), g2 = v128.load(g + 2 * gap), h2 = second(g + 2 * gap);
  both(to, f32x4.mul(k(S + 4), g0), f32x4.mul(k(S + 4), h0));
  for (let j: usize = 0; j < 4; j++) {
    const p = j * PAIR + N, n0 = k(p), n1 = k(p + 1), n2 = k(p + 2);
    storePair(madd(n2, g2, f32x4.mul(n0, g0)), f32x4.mul(n1, g1), madd(n2, h2, f32x4.mul(n0, h0)), f32x4.mul(n1, h1), to + step, step);
    to += 2 * step;
  }
  both(to + step, g2, h2);
}

/** start + Σ over the pairs of aⁱ/n·xⱼ. */
// @ts-ignore: decorator
@inline
function sumPairs(i: usize, start: v128, x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  return madd(k(3 * PAIR + N + i), x3, madd(k(2 * PAIR + N + i), x2, madd(k(PAIR + N + i), x1, madd(k(N + i), x0, start))));
}

/** Gᵀ u: 10, `gap` bytes apart → 3, the transpose of G. */
export function lineGT10(u: usize, gap: usize, to: usize, step: usize): void {
  const u1 = v128.load(u + gap), w1 = second(u + gap), u2 = v128.load(u + 2 * gap), w2 = second(u + 2 * gap);
  const u3 = v128.load(u + 3 * gap), w3 = second(u + 3 * gap), u4 = v128.load(u + 4 * gap), w4 = second(u + 4 * gap);
  const u5 = v128.load(u + 5 * gap), w5 = second(u + 5 * gap), u6 = v128.load(u + 6 * gap), w6 = second(u + 6 * gap);
  const u7 = v128.load(u + 7 * gap), w7 = second(u + 7 * gap), u8 = v128.load(u + 8 * gap), w8 = second(u + 8 * gap);
  const u0 = v128.load(u), w0 = second(u), u9 = v128.load(u + 9 * gap), w9 = second(u + 9 * gap), s = k(S + 4), none = f32x4.splat(0);
  const e0 = plus(u1, u2), e1 = plus(u3, u4), e2 = plus(u5, u6), e3 = plus(u7, u8);
  const f0 = plus(w1, w2), f1 = plus(w3, w4), f2 = plus(w5, w6), f3 = plus(w7, w8);
  both(to, sumPairs(0, f32x4.mul(s, u0), e0, e1, e2, e3), sumPairs(0, f32x4.mul(s, w0), f0, f1, f2, f3));
  both(
    to + step, sumPairs(1, none, minus(u1, u2), minus(u3, u4), minus(u5, u6), minus(u7, u8)),
    sumPairs(1, none, minus(w1, w2), minus(w3, w4), minus(w5, w6), minus(w7, w8)),
  );
  both(to + 2 * step, sumPairs(2, u9, e0, e1, e2, e3), sumPairs(2, w9, f0, f1, f2, f3));
}
