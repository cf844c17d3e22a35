import { float, int, partStart, ptr } from './args';
import { get, highDoubles, loadLanes, lowDoubles, madd, put, storeLanes, toFloats } from './simd';

// Batch normalisation of x [groups, rows, c] in training mode, each group by statistics of its own, in two passes over memory each way. Sums over the rows are taken in
// chunks of them; a chunk's sums are float32 and small, and the chunks are joined in float64.

/** Adds Σ(x−k) and Σ(x−k)² of up to four rows to the sums, for four columns or one. */
// @ts-ignore: decorator
@inline
function addMoments(x: usize, rowBytes: usize, rows: i32, k: usize, sums: usize, squares: usize, wide: bool): void {
  const shift = get(k, wide);
  let sum = get(sums, wide), square = get(squares, wide);
  let d = f32x4.sub(get(x, wide), shift);
  sum = f32x4.add(sum, d);
  square = madd(d, d, square);
  if (rows == 4) {
    d = f32x4.sub(get(x + rowBytes, wide), shift);
    sum = f32x4.add(sum, d);
    square = madd(d, d, square);
    d = f32x4.sub(get(x + 2 * rowBytes, wide), shift);
    sum = f32x4.add(sum, d);
    square = madd(d, d, square);
    d = f32x4.sub(get(x + 3 * rowBytes, wide), shift);
    sum = f32x4.add(sum, d);
    square = madd(d, d, square);
  }
  put(sums, sum, wide);
  put(squares, square, wide);
}

/** From the sums about k of `n` values to their mean and the sum of squared deviations, for four columns or one. */
// @ts-ignore: decorator
@inline
function centre(k: usize, sums: usize, squares: usize, n: v128, wide: bool): void {
  const sum = get(sums, wide);
  put(squares, f32x4.max(f32x4.sub(get(squares, wide), f32x4.div(f32x4.mul(sum, sum), n)), f32x4.splat(0)), wide);
  put(sums, f32x4.add(get(k, wide), f32x4.div(sum, n)), wide);
}

/**
 * Mean and sum of squared deviations of every chunk of rows, taken about the chunk's first row so that a large mean
 * costs no accuracy. args: x, moments [groups, chunks, 2, c], rows, c, chunks, groups.
 */
export function batchNormMoments(args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), moments = ptr(args, 1), rows = int(args, 2), c = int(args, 3), chunks = int(args, 4);
  const rowBytes = (<usize>c) << 2, whole = (<usize>(c & ~3)) << 2;
  const all = int(args, 5) * chunks, end = partStart(all, part + 1, parts);
  for (let item = partStart(all, part, parts); item < end; item++) {
    const group = item / chunks, chunk = item - group * chunks;
    const first = partStart(rows, chunk, chunks), last = partStart(rows, chunk + 1, chunks);
    const k = x + <usize>(group * rows + first) * rowBytes;
    const sums = moments + (<usize>item) * 2 * rowBytes, squares = sums + rowBytes;
    memory.fill(sums, 0, 2 * rowBytes);
    let row = k, left = last - first;
    while (left > 0) {
      const step = left >= 4 ? 4 : 1;
      if (step == 4) {
        for (let i: usize = 0; i < whole; i += 16) addMoments(row + i, rowBytes, 4, k + i, sums + i, squares + i, true);
        for (let i = whole; i < rowBytes; i += 4) addMoments(row + i, rowBytes, 4, k + i, sums + i, squares + i, false);
      } else {
        for (let i: usize = 0; i < whole; i += 16) addMoments(row + i, rowBytes, 1, k + i, sums + i, squares + i, true);
        for (let i = whole; i < rowBytes; i += 4) addMoments(row + i, rowBytes, 1, k + i, sums + i, squares + i, false);
      }
      row += (<usize>step) * rowBytes;
      left -= step;
    }
    const n = f32x4.splat(<f32>(last - first));
    for (let i: usize = 0; i < whole; i += 16) centre(k + i, sums + i, squares + i, n, true);
    for (let i = whole; i < rowBytes; i += 4) centre(k + i, sums + i, squares + i, n, false);
  }
}

/**
 * Joins the chunks' moments, four columns at a time.
 * args: moments [groups, chunks, 2, c], rows, c, chunks, mean [groups, c], variance [groups, c] (biased), groups.
 */
export function batchNormJoin(args: usize, part: i32, parts: i32): void {
  const bytes = <usize>int(args, 2) << 2;
  for (let group: usize = 0; group < <usize>int(args, 6); group++) {
    const moments = ptr(args, 0) + group * <usize>int(args, 3) * 2 * bytes;
    joinMoments(args, part, parts, moments, ptr(args, 4) + group * bytes, ptr(args, 5) + group * bytes);
  }
}

function joinMoments(args: usize, part: i32, parts: i32, moments: usize, mean: usize, variance: usize): void {
  const rows = int(args, 1), c = int(args, 2), chunks = int(args, 3);
  const end = (<usize>partStart(c, part + 1, parts)) << 2, rowBytes = (<usize>c) << 2;
  for (let i = (<usize>partStart(c, part, parts)) << 2; i < end; i += 16) {
    const columns = <i32>((end - i) >> 2);
    let mean0 = f64x2.splat(0), mean1 = mean0, squares0 = mean0, squares1 = mean0, n: f64 = 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const at = moments + (<usize>chunk) * 2 * rowBytes + i, means = loadLanes(at, columns), spread = loadLanes(at + rowBytes, columns);
      const m = <f64>(partStart(rows, chunk + 1, chunks) - partStart(rows, chunk, chunks)), total = n + m;
      const weight = f64x2.splat(m / total), product = f64x2.splat((n * m) / total);
      const delta0 = f64x2.sub(lowDoubles(means), mean0), delta1 = f64x2.sub(highDoubles(means), mean1);
      mean0 = f64x2.add(mean0, f64x2.mul(delta0, weight));
      mean1 = f64x2.add(mean1, f64x2.mul(delta1, weight));
      squares0 = f64x2.add(squares0, f64x2.add(lowDoubles(spread), f64x2.mul(f64x2.mul(delta0, delta0), product)));
      squares1 = f64x2.add(squares1, f64x2.add(highDoubles(spread), f64x2.mul(f64x2.mul(delta1, delta1), product)));
      n = total;
    }
    storeLanes(mean + i, toFloats(mean0, mean1), columns);
    const count = f64x2.splat(n);
    storeLanes(variance + i, toFloats(f64x2.div(squares0, count), f64x2.div(squares1, count)), columns);
  }
}

/**
 * The running statistics after those of each group in turn: running ← keep·running + take·batch.
 * args: running mean, running variance, mean [groups, c], variance [groups, c], new running mean, new running variance, c, groups,
 * keep, take of a mean, take of a variance.
 */
export function batchNormMove(args: usize, part: i32, parts: i32): void {
  const c = int(args, 6), groups = int(args, 7), keep = float(args, 8), rowBytes = <usize>c << 2;
  for (let which = 0; which < 2; which++) {
    const running = ptr(args, which), batch = ptr(args, 2 + which), to = ptr(args, 4 + which), take = float(args, 9 + which);
    const end = <usize>partStart(c, part + 1, parts) << 2;
    for (let i = <usize>partStart(c, part, parts) << 2; i < end; i += 4) {
      let value = load<f32>(running + i);
      for (let group = 0; group < groups; group++) value = value * keep + load<f32>(batch + <usize>group * rowBytes + i) * take;
      store<f32>(to + i, value);
    }
  }
}

/** γ/√(variance+ε), with γ [c] = 1 where its address is 0. args: variance [groups, c], γ, out [groups, c], c, ε, groups. */
export function batchNormScale(args: usize, part: i32, parts: i32): void {
  const gamma = ptr(args, 1), c = int(args, 3), epsilon = <f64>float(args, 4), rowBytes = <usize>c << 2;
  const end = (<usize>partStart(c, part + 1, parts)) << 2;
  for (let group: usize = 0; group < <usize>int(args, 5); group++) {
    const variance = ptr(args, 0) + group * rowBytes, out = ptr(args, 2) + group * rowBytes;
    for (let i = (<usize>partStart(c, part, parts)) << 2; i < end; i += 4) {
      const factor: f64 = gamma != 0 ? <f64>load<f32>(gamma + i) : 1;
      store<f32>(out + i, <f32>(factor / sqrt(<f64>load<f32>(variance + i) + epsilon)));
    }
  }
}

// @ts-ignore: decorator
@inline
function normalizeAt(x: usize, residual: usize, y: usize, mean: v128, scale: v128, beta: v128, add: bool, relu: bool, wide: bool): void {
  let value = madd(f32x4.sub(get(x, wide), mean), scale, beta);
  if (add) value = f32x4.add(value, get(residual, wide));
  if (relu) value = f32x4.max(value, f32x4.splat(0));
  put(y, value, wide);
}

// @ts-ignore: decorator
@inline
function normalize(args: usize, part: i32, parts: i32, add: bool, relu: bool): void {
  const rows = int(args, 6), c = int(args, 7), rowBytes = (<usize>c) << 2, whole = (<usize>(c & ~3)) << 2;
  const beta = ptr(args, 5), all = int(args, 9) * rows, last = partStart(all, part + 1, parts);
  for (let row = partStart(all, part, parts); row < last; ) {
    const group = row / rows, end = min(last, (group + 1) * rows), statistics = <usize>group * rowBytes;
    const mean = ptr(args, 3) + statistics, scale = ptr(args, 4) + statistics;
    for (; row < end; row++) {
      const offset = (<usize>row) * rowBytes;
      const x = ptr(args, 0) + offset, residual = ptr(args, 1) + offset, y = ptr(args, 2) + offset;
      for (let i: usize = 0; i < whole; i += 16) {
        const shift = beta != 0 ? v128.load(beta + i) : f32x4.splat(0);
        normalizeAt(x + i, residual + i, y + i, v128.load(mean + i), v128.load(scale + i), shift, add, relu, true);
      }
      for (let i = whole; i < rowBytes; i += 4) {
        const shift = beta != 0 ? v128.load32_splat(beta + i) : f32x4.splat(0);
        normalizeAt(x + i, residual + i, y + i, v128.load32_splat(mean + i), v128.load32_splat(scale + i), shift, add, relu, false);
      }
    }
  }
}

/**
 * y = relu?((x−mean)·scale + β + residual); β and residual are left out where their address is 0.
 * args: x, residual, y, mean [groups, c], scale [groups, c], β, rows, c, relu, groups.
 */
export function batchNormApply(args: usize, part: i32, parts: i32): void {
  const add = ptr(args, 1) != 0, relu = int(args, 8) != 0;
  if (add && relu) normalize(args, part, parts, true, true);
  else if (add) normalize(args, part, parts, true, false);
  else if (relu) normalize(args, part, parts, false, true);
  else normalize(args, part, parts, false, false);
}
