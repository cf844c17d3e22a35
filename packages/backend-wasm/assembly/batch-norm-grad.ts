import { float, int, partStart, ptr } from './args';
import { get, highDoubles, loadLanes, lowDoubles, madd, put, put2 } from './simd';

// The gradient of batch normalisation in training mode. With g = dy where y > 0 (everywhere without relu), n rows and
// s = 1/√(variance+ε): dβ = Σg, dγ = s·Σg(x−mean), dx = γs·(g − dβ/n − s²·(x−mean)·Σg(x−mean)/n).
// Memory is what this waits for. Without a residual, the sign of y is computed again from x, which is read anyway; with one, y is read
// once, and g written where the residual's gradient is wanted and read from there.

// Where relu cut.
const NOWHERE: i32 = 0;
const BY_X: i32 = 1;
const BY_Y: i32 = 2;

// Rows whose sums are added while they are in registers: so few that memory is still read in long runs.
const rowsAtOnce: i32 = 8;
const bytesAtOnce: i32 = 1024;

/** dy where batchNormApply of the same numbers is positive. */
// @ts-ignore: decorator
@inline
function cutByX(dy: v128, centred: v128, scale: v128, beta: v128): v128 {
  return cutByY(dy, madd(centred, scale, beta));
}

// @ts-ignore: decorator
@inline
function cutByY(dy: v128, y: v128): v128 {
  return v128.and(dy, f32x4.gt(y, f32x4.splat(0)));
}

/** Adds Σg and Σg(x−mean) of `rows` rows to the sums, for four columns or one. */
// @ts-ignore: decorator
@inline
function addSums(
  dy: usize, x: usize, y: usize, to: usize, rowBytes: usize, rows: i32, mean: usize, scale: usize, beta: usize, sums: usize, cut: i32, wide: bool,
): void {
  const shift = get(mean, wide), factor = cut == BY_X ? get(scale, wide) : shift, offset = cut == BY_X ? get(beta, wide) : shift;
  let sum = get(sums, wide), product = get(sums + rowBytes, wide);
  let left = rows;
  do {
    const centred = f32x4.sub(get(x, wide), shift);
    let g = get(dy, wide);
    if (cut == BY_X) g = cutByX(g, centred, factor, offset);
    if (cut == BY_Y) {
      g = cutByY(g, get(y, wide));
      put(to, g, wide);
    }
    sum = f32x4.add(sum, g);
    product = madd(g, centred, product);
    dy += rowBytes;
    x += rowBytes;
    y += rowBytes;
    to += rowBytes;
  } while (--left > 0);
  put(sums, sum, wide);
  put(sums + rowBytes, product, wide);
}

/** The same for eight columns, in pairs that an engine can join. */
// @ts-ignore: decorator
@inline
function addSums8(
  dy: usize, x: usize, y: usize, to: usize, rowBytes: usize, rows: i32, mean: usize, scale: usize, beta: usize, sums: usize, cut: i32,
): void {
  const shift0 = v128.load(mean), shift1 = v128.load(mean, 16);
  const factor0 = cut == BY_X ? v128.load(scale) : shift0, factor1 = cut == BY_X ? v128.load(scale, 16) : shift1;
  const offset0 = cut == BY_X ? v128.load(beta) : shift0, offset1 = cut == BY_X ? v128.load(beta, 16) : shift1;
  const products = sums + rowBytes;
  let sum0 = v128.load(sums), sum1 = v128.load(sums, 16), product0 = v128.load(products), product1 = v128.load(products, 16);
  let left = rows;
  do {
    const centred0 = f32x4.sub(v128.load(x), shift0), centred1 = f32x4.sub(v128.load(x, 16), shift1);
    let g0 = v128.load(dy), g1 = v128.load(dy, 16);
    if (cut == BY_X) {
      g0 = cutByX(g0, centred0, factor0, offset0);
      g1 = cutByX(g1, centred1, factor1, offset1);
    }
    if (cut == BY_Y) {
      const y0 = v128.load(y), y1 = v128.load(y, 16);
      g0 = cutByY(g0, y0);
      g1 = cutByY(g1, y1);
      put2(to, g0, g1);
    }
    sum0 = f32x4.add(sum0, g0);
    sum1 = f32x4.add(sum1, g1);
    product0 = madd(g0, centred0, product0);
    product1 = madd(g1, centred1, product1);
    dy += rowBytes;
    x += rowBytes;
    y += rowBytes;
    to += rowBytes;
  } while (--left > 0);
  put2(sums, sum0, sum1);
  put2(products, product0, product1);
}

// @ts-ignore: decorator
@inline
function chunkSums(args: usize, part: i32, parts: i32, cut: i32): void {
  const rows = int(args, 4), c = int(args, 5), chunks = int(args, 6), beta = ptr(args, 8), all = int(args, 11) * chunks;
  const rowBytes = (<usize>c) << 2, eights = (<usize>(c & ~7)) << 2, fours = (<usize>(c & ~3)) << 2;
  const end = partStart(all, part + 1, parts), together = max(1, min(rowsAtOnce, bytesAtOnce / <i32>rowBytes));
  for (let item = partStart(all, part, parts); item < end; item++) {
    const group = item / chunks, chunk = item - group * chunks, statistics = <usize>group * rowBytes;
    const mean = ptr(args, 2) + statistics, scale = ptr(args, 7) + statistics;
    const first = partStart(rows, chunk, chunks), sums = ptr(args, 3) + (<usize>item) * 2 * rowBytes;
    memory.fill(sums, 0, 2 * rowBytes);
    const offset = <usize>(group * rows + first) * rowBytes;
    let dy = ptr(args, 0) + offset, x = ptr(args, 1) + offset, y = ptr(args, 9) + offset, to = ptr(args, 10) + offset;
    for (let left = partStart(rows, chunk + 1, chunks) - first; left > 0; left -= together) {
      const step = min(left, together);
      let i: usize = 0;
      for (; i < eights; i += 32) addSums8(dy + i, x + i, y + i, to + i, rowBytes, step, mean + i, scale + i, beta + i, sums + i, cut);
      for (; i < fours; i += 16) addSums(dy + i, x + i, y + i, to + i, rowBytes, step, mean + i, scale + i, beta + i, sums + i, cut, true);
      for (; i < rowBytes; i += 4) addSums(dy + i, x + i, y + i, to + i, rowBytes, step, mean + i, scale + i, beta + i, sums + i, cut, false);
      const bytes = (<usize>step) * rowBytes;
      dy += bytes;
      x += bytes;
      y += bytes;
      to += bytes;
    }
  }
}

/**
 * Σg and Σg(x−mean) of every chunk of rows.
 * args: dy, x, mean [groups, c], sums [groups, chunks, 2, c], rows, c, chunks; to cut by x: γ/√(variance+ε) [groups, c] (0: do not) and β;
 * to cut by y: y (0: do not) and where g goes; groups.
 */
export function batchNormGradSums(args: usize, part: i32, parts: i32): void {
  if (ptr(args, 7) != 0) chunkSums(args, part, parts, BY_X);
  else if (ptr(args, 9) != 0) chunkSums(args, part, parts, BY_Y);
  else chunkSums(args, part, parts, NOWHERE);
}

/** dγ, dβ and the coefficients of the column `i` bytes from the first, whose sums over the rows are given. */
function putJoined(
  i: usize, sum: f64, product: f64, n: f64, variance: usize, gamma: usize, epsilon: f64, dgamma: usize, dbeta: usize, add: bool, coefficients: usize,
  rowBytes: usize,
): void {
  const inverse = 1 / sqrt(<f64>load<f32>(variance + i) + epsilon);
  const a = gamma != 0 ? <f64>load<f32>(gamma + i) * inverse : inverse;
  store<f32>(dgamma + i, (add ? load<f32>(dgamma + i) : 0) + <f32>(product * inverse));
  store<f32>(dbeta + i, (add ? load<f32>(dbeta + i) : 0) + <f32>sum);
  store<f32>(coefficients + i, <f32>a);
  store<f32>(coefficients + rowBytes + i, <f32>((-a * inverse * inverse * product) / n));
  store<f32>(coefficients + 2 * rowBytes + i, <f32>((-a * sum) / n));
}

/**
 * Joins the chunks' sums, four columns at a time, into dγ and dβ, and the coefficients of dx = a·g + b·(x−mean) + d.
 * args: sums [groups, chunks, 2, c], rows, c, chunks, variance [groups, c], γ (0: all 1), ε, dγ, dβ, coefficients [groups, 3, c], groups.
 */
export function batchNormGradJoin(args: usize, part: i32, parts: i32): void {
  const rowBytes = <usize>int(args, 2) << 2;
  for (let group: usize = 0; group < <usize>int(args, 10); group++) {
    const sums = ptr(args, 0) + group * <usize>int(args, 3) * 2 * rowBytes;
    joinSums(args, part, parts, sums, ptr(args, 4) + group * rowBytes, ptr(args, 9) + group * 3 * rowBytes, group > 0);
  }
}

function joinSums(args: usize, part: i32, parts: i32, sums: usize, variance: usize, coefficients: usize, add: bool): void {
  const rows = int(args, 1), c = int(args, 2), chunks = int(args, 3);
  const gamma = ptr(args, 5), epsilon = <f64>float(args, 6), dgamma = ptr(args, 7), dbeta = ptr(args, 8);
  const n = <f64>rows, rowBytes = (<usize>c) << 2, end = (<usize>partStart(c, part + 1, parts)) << 2;
  for (let i = (<usize>partStart(c, part, parts)) << 2; i < end; i += 16) {
    const columns = <i32>((end - i) >> 2);
    let sum0 = f64x2.splat(0), sum1 = sum0, product0 = sum0, product1 = sum0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const at = sums + (<usize>chunk) * 2 * rowBytes + i, slopes = loadLanes(at, columns), products = loadLanes(at + rowBytes, columns);
      sum0 = f64x2.add(sum0, lowDoubles(slopes));
      sum1 = f64x2.add(sum1, highDoubles(slopes));
      product0 = f64x2.add(product0, lowDoubles(products));
      product1 = f64x2.add(product1, highDoubles(products));
    }
    for (let lane: usize = 0; lane < 4 && i + 4 * lane < end; lane++) {
      const sum = lane < 2 ? sum0 : sum1, product = lane < 2 ? product0 : product1;
      putJoined(
        i + 4 * lane, lane & 1 ? f64x2.extract_lane(sum, 1) : f64x2.extract_lane(sum, 0),
        lane & 1 ? f64x2.extract_lane(product, 1) : f64x2.extract_lane(product, 0), n, variance, gamma, epsilon, dgamma, dbeta, add, coefficients, rowBytes,
      );
    }
  }
}

// @ts-ignore: decorator
@inline
function slopeOf(g: v128, centred: v128, a: v128, b: v128, d: v128): v128 {
  return madd(a, g, madd(b, centred, d));
}

// @ts-ignore: decorator
@inline
function applyAt(g: usize, x: usize, mean: usize, a: usize, rowBytes: usize, dx: usize, scale: usize, beta: usize, cut: i32, wide: bool): void {
  const centred = f32x4.sub(get(x, wide), get(mean, wide));
  let slope = get(g, wide);
  if (cut == BY_X) slope = cutByX(slope, centred, get(scale, wide), get(beta, wide));
  put(dx, slopeOf(slope, centred, get(a, wide), get(a + rowBytes, wide), get(a + 2 * rowBytes, wide)), wide);
}

/** The same for eight columns, in pairs that an engine can join. */
// @ts-ignore: decorator
@inline
function applyAt8(g: usize, x: usize, mean: usize, a: usize, rowBytes: usize, dx: usize, scale: usize, beta: usize, cut: i32): void {
  const b = a + rowBytes, d = b + rowBytes;
  const centred0 = f32x4.sub(v128.load(x), v128.load(mean)), centred1 = f32x4.sub(v128.load(x, 16), v128.load(mean, 16));
  let slope0 = v128.load(g), slope1 = v128.load(g, 16);
  if (cut == BY_X) {
    slope0 = cutByX(slope0, centred0, v128.load(scale), v128.load(beta));
    slope1 = cutByX(slope1, centred1, v128.load(scale, 16), v128.load(beta, 16));
  }
  const dx0 = slopeOf(slope0, centred0, v128.load(a), v128.load(b), v128.load(d));
  const dx1 = slopeOf(slope1, centred1, v128.load(a, 16), v128.load(b, 16), v128.load(d, 16));
  put2(dx, dx0, dx1);
}

// @ts-ignore: decorator
@inline
function apply(args: usize, part: i32, parts: i32, cut: i32): void {
  const rows = int(args, 5), c = int(args, 6), rowBytes = (<usize>c) << 2, eights = (<usize>(c & ~7)) << 2, fours = (<usize>(c & ~3)) << 2;
  const beta = ptr(args, 8), all = int(args, 9) * rows, last = partStart(all, part + 1, parts);
  for (let row = partStart(all, part, parts); row < last; ) {
    const group = row / rows, end = min(last, (group + 1) * rows), statistics = <usize>group * rowBytes;
    const mean = ptr(args, 2) + statistics, a = ptr(args, 3) + 3 * statistics, scale = ptr(args, 7) + statistics;
    for (; row < end; row++) {
      const offset = (<usize>row) * rowBytes, g = ptr(args, 0) + offset, x = ptr(args, 1) + offset, dx = ptr(args, 4) + offset;
      let i: usize = 0;
      for (; i < eights; i += 32) applyAt8(g + i, x + i, mean + i, a + i, rowBytes, dx + i, scale + i, beta + i, cut);
      for (; i < fours; i += 16) applyAt(g + i, x + i, mean + i, a + i, rowBytes, dx + i, scale + i, beta + i, cut, true);
      for (; i < rowBytes; i += 4) applyAt(g + i, x + i, mean + i, a + i, rowBytes, dx + i, scale + i, beta + i, cut, false);
    }
  }
}

/** args: g, or dy to cut by x; x, mean [groups, c], coefficients [groups, 3, c], dx (may be g or dy), rows, c; to cut by x: as for the sums; groups. */
export function batchNormGradApply(args: usize, part: i32, parts: i32): void {
  if (ptr(args, 7) != 0) apply(args, part, parts, BY_X);
  else apply(args, part, parts, NOWHERE);
}
