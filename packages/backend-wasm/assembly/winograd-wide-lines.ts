import { madd } from './simd';
import { both, LANES, second } from './winograd-lanes';
import { minus, plus } from './winograd-lines';

// The one-dimensional transforms of F(8, 3): eight outputs of a three-tap correlation from ten products, after Lavin & Gray's
// scheme, with the points 0, ±3/8, ±3/4, ±4/3, ±2, ∞. Of the sets of ten points that are symmetric, so that a pair ±a shares its
// even and its odd half, these err least in float32: 2.5 times as much as the six of F(4, 3).

// For each pair ±a: the coefficients t₂, t₁, t₀ of Π(y − b²) over the other pairs; a, a², … a⁷; 1/n, a/n, a²/n with
// n = 2a²·Π(a² − b²). Then s₃ … s₀ of Π(y − a²) over all pairs, and 1/s₀.
const K: usize = memory.data<f32>([
  -913.0 / 144.0, 373.0 / 36.0, -4.0, 0.375, 0.140625, 0.052734375, 81.0 / 4096.0, 243.0 / 32768.0, 729.0 / 262144.0, 2187.0 / 2097152.0,
  -8388608.0 / 6288867.0, -1048576.0 / 2096289.0, -131072.0 / 698763.0,
  -3409.0 / 576.0, 1141.0 / 144.0, -1.0, 0.75, 0.5625, 0.421875, 0.31640625, 0.2373046875, 729.0 / 4096.0, 2187.0 / 16384.0,
  131072.0 / 259875.0, 32768.0 / 86625.0, 8192.0 / 28875.0,
  -4.703125, 2.8916015625, -0.31640625, 4.0 / 3.0, 16.0 / 9.0, 64.0 / 27.0, 256.0 / 81.0, 1024.0 / 243.0, 4096.0 / 729.0, 16384.0 / 2187.0,
  -52488.0 / 825125.0, -69984.0 / 825125.0, -93312.0 / 825125.0,
  -1429.0 / 576.0, 1.3291015625, -0.140625, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 288.0 / 67925.0, 576.0 / 67925.0, 1152.0 / 67925.0,
  -3733.0 / 576.0, 103705.0 / 9216.0, -5.45703125, 0.5625, 16.0 / 9.0,
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

/** Bᵀ d: 10 side by side → 10. */
// @ts-ignore: decorator
@inline
export function lineBT10(d: usize, to: usize, step: usize): void {
  const d1 = v128.load(d + LANES), e1 = second(d + LANES), d2 = v128.load(d + 2 * LANES), e2 = second(d + 2 * LANES);
  const d3 = v128.load(d + 3 * LANES), e3 = second(d + 3 * LANES), d4 = v128.load(d + 4 * LANES), e4 = second(d + 4 * LANES);
  const d5 = v128.load(d + 5 * LANES), e5 = second(d + 5 * LANES), d6 = v128.load(d + 6 * LANES), e6 = second(d + 6 * LANES);
  const d7 = v128.load(d + 7 * LANES), e7 = second(d + 7 * LANES), d8 = v128.load(d + 8 * LANES), e8 = second(d + 8 * LANES);
  storeWhole(v128.load(d), d2, d4, d6, d8, second(d), e2, e4, e6, e8, to);
  storePoints(0, d1, d2, d3, d4, d5, d6, d7, d8, e1, e2, e3, e4, e5, e6, e7, e8, to + step, step);
  storePoints(1, d1, d2, d3, d4, d5, d6, d7, d8, e1, e2, e3, e4, e5, e6, e7, e8, to + 3 * step, step);
  storePoints(2, d1, d2, d3, d4, d5, d6, d7, d8, e1, e2, e3, e4, e5, e6, e7, e8, to + 5 * step, step);
  storePoints(3, d1, d2, d3, d4, d5, d6, d7, d8, e1, e2, e3, e4, e5, e6, e7, e8, to + 7 * step, step);
  storeWhole(d1, d3, d5, d7, v128.load(d + 9 * LANES), e1, e3, e5, e7, second(d + 9 * LANES), to + 9 * step);
}

/** Σ over the pairs of aⁱ·xⱼ, and of aⁱ·yⱼ. */
// @ts-ignore: decorator
@inline
function storePowers(i: usize, x0: v128, x1: v128, x2: v128, x3: v128, y0: v128, y1: v128, y2: v128, y3: v128, to: usize): void {
  const a0 = k(POWER + i), a1 = k(PAIR + POWER + i), a2 = k(2 * PAIR + POWER + i), a3 = k(3 * PAIR + POWER + i);
  both(to, cubic(a0, a1, a2, x0, x1, x2, f32x4.mul(a3, x3)), cubic(a0, a1, a2, y0, y1, y2, f32x4.mul(a3, y3)));
}

/** Aᵀ m: 10 side by side → 8. */
// @ts-ignore: decorator
@inline
export function lineAT10(m: usize, to: usize, step: usize): void {
  const m1 = v128.load(m + LANES), n1 = second(m + LANES), m2 = v128.load(m + 2 * LANES), n2 = second(m + 2 * LANES);
  const m3 = v128.load(m + 3 * LANES), n3 = second(m + 3 * LANES), m4 = v128.load(m + 4 * LANES), n4 = second(m + 4 * LANES);
  const m5 = v128.load(m + 5 * LANES), n5 = second(m + 5 * LANES), m6 = v128.load(m + 6 * LANES), n6 = second(m + 6 * LANES);
  const m7 = v128.load(m + 7 * LANES), n7 = second(m + 7 * LANES), m8 = v128.load(m + 8 * LANES), n8 = second(m + 8 * LANES);
  const s0 = plus(m1, m2), s1 = plus(m3, m4), s2 = plus(m5, m6), s3 = plus(m7, m8);
  const t0 = plus(n1, n2), t1 = plus(n3, n4), t2 = plus(n5, n6), t3 = plus(n7, n8);
  const m0 = v128.load(m), n0 = second(m), m9 = v128.load(m + 9 * LANES), n9 = second(m + 9 * LANES);
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
function spreadPair(j: usize, y: usize, to: usize, step: usize): void {
  const p = j * PAIR + POWER;
  const a1 = k(p + 1), a2 = k(p + 2), a3 = k(p + 3), a4 = k(p + 4), a5 = k(p + 5), a6 = k(p + 6), a7 = k(p + 7);
  const y0 = v128.load(y), z0 = second(y), y1 = v128.load(y + LANES), z1 = second(y + LANES);
  const y2 = v128.load(y + 2 * LANES), z2 = second(y + 2 * LANES), y3 = v128.load(y + 3 * LANES), z3 = second(y + 3 * LANES);
  const y4 = v128.load(y + 4 * LANES), z4 = second(y + 4 * LANES), y5 = v128.load(y + 5 * LANES), z5 = second(y + 5 * LANES);
  const y6 = v128.load(y + 6 * LANES), z6 = second(y + 6 * LANES), y7 = v128.load(y + 7 * LANES), z7 = second(y + 7 * LANES);
  storePair(
    cubic(a6, a4, a2, y6, y4, y2, y0), cubic(a7, a5, a3, y7, y5, y3, f32x4.mul(a1, y1)),
    cubic(a6, a4, a2, z6, z4, z2, z0), cubic(a7, a5, a3, z7, z5, z3, f32x4.mul(a1, z1)), to, step,
  );
}

/** A y: 8 side by side → 10, the transpose of Aᵀ. */
// @ts-ignore: decorator
@inline
export function lineA10(y: usize, to: usize, step: usize): void {
  both(to, v128.load(y), second(y));
  spreadPair(0, y, to + step, step);
  spreadPair(1, y, to + 3 * step, step);
  spreadPair(2, y, to + 5 * step, step);
  spreadPair(3, y, to + 7 * step, step);
  both(to + 9 * step, v128.load(y + 7 * LANES), second(y + 7 * LANES));
}

/** G g: 3 side by side → 10. */
export function lineG10(g: usize, to: usize, step: usize): void {
  const g0 = v128.load(g), h0 = second(g), g1 = v128.load(g + LANES), h1 = second(g + LANES), g2 = v128.load(g + 2 * LANES), h2 = second(g + 2 * LANES);
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

/** Gᵀ u: 10 side by side → 3, the transpose of G. */
export function lineGT10(u: usize, to: usize): void {
  const u1 = v128.load(u + LANES), w1 = second(u + LANES), u2 = v128.load(u + 2 * LANES), w2 = second(u + 2 * LANES);
  const u3 = v128.load(u + 3 * LANES), w3 = second(u + 3 * LANES), u4 = v128.load(u + 4 * LANES), w4 = second(u + 4 * LANES);
  const u5 = v128.load(u + 5 * LANES), w5 = second(u + 5 * LANES), u6 = v128.load(u + 6 * LANES), w6 = second(u + 6 * LANES);
  const u7 = v128.load(u + 7 * LANES), w7 = second(u + 7 * LANES), u8 = v128.load(u + 8 * LANES), w8 = second(u + 8 * LANES);
  const u0 = v128.load(u), w0 = second(u), u9 = v128.load(u + 9 * LANES), w9 = second(u + 9 * LANES), s = k(S + 4), none = f32x4.splat(0);
  const e0 = plus(u1, u2), e1 = plus(u3, u4), e2 = plus(u5, u6), e3 = plus(u7, u8);
  const f0 = plus(w1, w2), f1 = plus(w3, w4), f2 = plus(w5, w6), f3 = plus(w7, w8);
  both(to, sumPairs(0, f32x4.mul(s, u0), e0, e1, e2, e3), sumPairs(0, f32x4.mul(s, w0), f0, f1, f2, f3));
  both(
    to + LANES, sumPairs(1, none, minus(u1, u2), minus(u3, u4), minus(u5, u6), minus(u7, u8)),
    sumPairs(1, none, minus(w1, w2), minus(w3, w4), minus(w5, w6), minus(w7, w8)),
  );
  both(to + 2 * LANES, sumPairs(2, u9, e0, e1, e2, e3), sumPairs(2, w9, f0, f1, f2, f3));
}
