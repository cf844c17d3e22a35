import { madd } from './simd';

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
function storePair(even: v128, odd: v128, to: usize, step: usize): void {
  v128.store(to, f32x4.add(even, odd));
  v128.store(to + step, f32x4.sub(even, odd));
}

/** x₃ + t₂x₂ + t₁x₁ + t₀x₀ of pair j. */
// @ts-ignore: decorator
@inline
function half(j: usize, x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  return madd(k(j * PAIR + T0), x0, madd(k(j * PAIR + T1), x1, madd(k(j * PAIR + T2), x2, x3)));
}

/** x₄ + s₃x₃ + s₂x₂ + s₁x₁ + s₀x₀. */
// @ts-ignore: decorator
@inline
function whole(x0: v128, x1: v128, x2: v128, x3: v128, x4: v128): v128 {
  return madd(k(S + 3), x0, madd(k(S + 2), x1, madd(k(S + 1), x2, madd(k(S), x3, x4))));
}

/** Bᵀ d: 10 side by side → 10. */
// @ts-ignore: decorator
@inline
export function lineBT10(d: usize, to: usize, step: usize): void {
  const d2 = v128.load(d, 32), d4 = v128.load(d, 64), d6 = v128.load(d, 96), d8 = v128.load(d, 128);
  v128.store(to, whole(v128.load(d), d2, d4, d6, d8));
  const e0 = half(0, d2, d4, d6, d8), e1 = half(1, d2, d4, d6, d8), e2 = half(2, d2, d4, d6, d8), e3 = half(3, d2, d4, d6, d8);
  const d1 = v128.load(d, 16), d3 = v128.load(d, 48), d5 = v128.load(d, 80), d7 = v128.load(d, 112);
  storePair(e0, f32x4.mul(k(POWER + 1), half(0, d1, d3, d5, d7)), to + step, step);
  storePair(e1, f32x4.mul(k(PAIR + POWER + 1), half(1, d1, d3, d5, d7)), to + 3 * step, step);
  storePair(e2, f32x4.mul(k(2 * PAIR + POWER + 1), half(2, d1, d3, d5, d7)), to + 5 * step, step);
  storePair(e3, f32x4.mul(k(3 * PAIR + POWER + 1), half(3, d1, d3, d5, d7)), to + 7 * step, step);
  v128.store(to + 9 * step, whole(d1, d3, d5, d7, v128.load(d, 144)));
}

/** Σ over the pairs of aⁱ·xⱼ. */
// @ts-ignore: decorator
@inline
function powers(i: usize, x0: v128, x1: v128, x2: v128, x3: v128): v128 {
  const p = POWER + i;
  return madd(k(p), x0, madd(k(PAIR + p), x1, madd(k(2 * PAIR + p), x2, f32x4.mul(k(3 * PAIR + p), x3))));
}

/** Aᵀ m: 10 side by side → 8. */
// @ts-ignore: decorator
@inline
export function lineAT10(m: usize, to: usize, step: usize): void {
  const m1 = v128.load(m, 16), m2 = v128.load(m, 32), m3 = v128.load(m, 48), m4 = v128.load(m, 64);
  const m5 = v128.load(m, 80), m6 = v128.load(m, 96), m7 = v128.load(m, 112), m8 = v128.load(m, 128);
  const s0 = f32x4.add(m1, m2), s1 = f32x4.add(m3, m4), s2 = f32x4.add(m5, m6), s3 = f32x4.add(m7, m8);
  v128.store(to, f32x4.add(f32x4.add(v128.load(m), s0), f32x4.add(f32x4.add(s1, s2), s3)));
  v128.store(to + 2 * step, powers(2, s0, s1, s2, s3));
  v128.store(to + 4 * step, powers(4, s0, s1, s2, s3));
  v128.store(to + 6 * step, powers(6, s0, s1, s2, s3));
  const d0 = f32x4.sub(m1, m2), d1 = f32x4.sub(m3, m4), d2 = f32x4.sub(m5, m6), d3 = f32x4.sub(m7, m8);
  v128.store(to + step, powers(1, d0, d1, d2, d3));
  v128.store(to + 3 * step, powers(3, d0, d1, d2, d3));
  v128.store(to + 5 * step, powers(5, d0, d1, d2, d3));
  v128.store(to + 7 * step, f32x4.add(powers(7, d0, d1, d2, d3), v128.load(m, 144)));
}

/** A y of one pair. */
// @ts-ignore: decorator
@inline
function spreadPair(j: usize, y: usize, to: usize, step: usize): void {
  const p = j * PAIR + POWER;
  const even = madd(k(p + 6), v128.load(y, 96), madd(k(p + 4), v128.load(y, 64), madd(k(p + 2), v128.load(y, 32), v128.load(y))));
  const odd = madd(k(p + 7), v128.load(y, 112), madd(k(p + 5), v128.load(y, 80), madd(k(p + 3), v128.load(y, 48), f32x4.mul(k(p + 1), v128.load(y, 16)))));
  storePair(even, odd, to, step);
}

/** A y: 8 side by side → 10, the transpose of Aᵀ. */
// @ts-ignore: decorator
@inline
export function lineA10(y: usize, to: usize, step: usize): void {
  v128.store(to, v128.load(y));
  spreadPair(0, y, to + step, step);
  spreadPair(1, y, to + 3 * step, step);
  spreadPair(2, y, to + 5 * step, step);
  spreadPair(3, y, to + 7 * step, step);
  v128.store(to + 9 * step, v128.load(y, 112));
}

/** G g: 3 → 10. */
export function lineG10(g0: v128, g1: v128, g2: v128, to: usize, step: usize): void {
  v128.store(to, f32x4.mul(k(S + 4), g0));
  for (let j: usize = 0; j < 4; j++) {
    const p = j * PAIR + N;
    to += step;
    storePair(madd(k(p + 2), g2, f32x4.mul(k(p), g0)), f32x4.mul(k(p + 1), g1), to, step);
    to += step;
  }
  v128.store(to + step, g2);
}

/** Gᵀ u: 10 side by side → 3, the transpose of G. */
export function lineGT10(u: usize, to: usize): void {
  let w0 = f32x4.mul(k(S + 4), v128.load(u)), w1 = f32x4.splat(0), w2 = v128.load(u, 144);
  for (let j: usize = 0; j < 4; j++) {
    const p = j * PAIR + N, above = v128.load(u + (j << 5), 16), below = v128.load(u + (j << 5), 32);
    const even = f32x4.add(above, below);
    w0 = madd(k(p), even, w0);
    w1 = madd(k(p + 1), f32x4.sub(above, below), w1);
    w2 = madd(k(p + 2), even, w2);
  }
  v128.store(to, w0);
  v128.store(to, w1, 16);
  v128.store(to, w2, 32);
}
