import { float, int, partStart, ptr } from './args';
import { madd } from './simd';

// The gradient of batch normalisation in training mode. With g = dy where y > 0 (everywhere without relu), n rows and
// s = 1/√(variance+ε): dβ = Σg, dγ = s·Σg(x−mean), dx = γs·(g − dβ/n − s²·(x−mean)·Σg(x−mean)/n).

// @ts-ignore: decorator
@inline
function get(address: usize, wide: bool): v128 {
  return wide ? v128.load(address) : v128.load32_splat(address);
}

// @ts-ignore: decorator
@inline
function put(address: usize, value: v128, wide: bool): void {
  if (wide) v128.store(address, value);
  else store<f32>(address, f32x4.extract_lane(value, 0));
}

// @ts-ignore: decorator
@inline
function slope(dy: usize, y: usize, relu: bool, wide: bool): v128 {
  const value = get(dy, wide);
  return relu ? v128.and(value, f32x4.gt(get(y, wide), f32x4.splat(0))) : value;
}

/** Adds Σg and Σg(x−mean) of `rows` rows, 4 or 1, to the sums, for four columns or one. */
// @ts-ignore: decorator
@inline
function addSums(dy: usize, x: usize, y: usize, rowBytes: usize, rows: i32, mean: usize, sums: usize, products: usize, relu: bool, wide: bool): void {
  const shift = get(mean, wide);
  let sum = get(sums, wide), product = get(products, wide);
  let g = slope(dy, y, relu, wide);
  sum = f32x4.add(sum, g);
  product = madd(g, f32x4.sub(get(x, wide), shift), product);
  if (rows == 4) {
    g = slope(dy + rowBytes, y + rowBytes, relu, wide);
    sum = f32x4.add(sum, g);
    product = madd(g, f32x4.sub(get(x + rowBytes, wide), shift), product);
    g = slope(dy + 2 * rowBytes, y + 2 * rowBytes, relu, wide);
    sum = f32x4.add(sum, g);
    product = madd(g, f32x4.sub(get(x + 2 * rowBytes, wide), shift), product);
    g = slope(dy + 3 * rowBytes, y + 3 * rowBytes, relu, wide);
    sum = f32x4.add(sum, g);
    product = madd(g, f32x4.sub(get(x + 3 * rowBytes, wide), shift), product);
  }
  put(sums, sum, wide);
  put(products, product, wide);
}

// @ts-ignore: decorator
@inline
function chunkSums(args: usize, part: i32, parts: i32, relu: bool): void {
  const mean = ptr(args, 3), rows = int(args, 5), c = int(args, 6), chunks = int(args, 7);
  const rowBytes = (<usize>c) << 2, whole = (<usize>(c & ~3)) << 2;
  const end = partStart(chunks, part + 1, parts);
  for (let chunk = partStart(chunks, part, parts); chunk < end; chunk++) {
    const first = partStart(rows, chunk, chunks), offset = (<usize>first) * rowBytes;
    const sums = ptr(args, 4) + (<usize>chunk) * 2 * rowBytes, products = sums + rowBytes;
    memory.fill(sums, 0, 2 * rowBytes);
    let dy = ptr(args, 0) + offset, x = ptr(args, 1) + offset, y = ptr(args, 2) + offset;
    let left = partStart(rows, chunk + 1, chunks) - first;
    while (left > 0) {
      const step = left >= 4 ? 4 : 1;
      if (step == 4) {
        for (let i: usize = 0; i < whole; i += 16) addSums(dy + i, x + i, y + i, rowBytes, 4, mean + i, sums + i, products + i, relu, true);
        for (let i = whole; i < rowBytes; i += 4) addSums(dy + i, x + i, y + i, rowBytes, 4, mean + i, sums + i, products + i, relu, false);
      } else {
        for (let i: usize = 0; i < whole; i += 16) addSums(dy + i, x + i, y + i, rowBytes, 1, mean + i, sums + i, products + i, relu, true);
        for (let i = whole; i < rowBytes; i += 4) addSums(dy + i, x + i, y + i, rowBytes, 1, mean + i, sums + i, products + i, relu, false);
      }
      const bytes = (<usize>step) * rowBytes;
      dy += bytes;
      x += bytes;
      y += bytes;
      left -= step;
    }
  }
}

/** Σg and Σg(x−mean) of every chunk of rows. args: dy, x, y (0 without relu), mean, sums [chunks, 2, c], rows, c, chunks. */
export function batchNormGradSums(args: usize, part: i32, parts: i32): void {
  if (ptr(args, 2) != 0) chunkSums(args, part, parts, true);
  else chunkSums(args, part, parts, false);
}

/**
 * Joins the chunks' sums into dγ and dβ, and the coefficients of dx = a·g + b·(x−mean) + d.
 * args: sums [chunks, 2, c], rows, c, chunks, variance, γ (0: all 1), ε, dγ, dβ, coefficients [3, c], add to dγ and dβ.
 */
export function batchNormGradJoin(args: usize, part: i32, parts: i32): void {
  const sums = ptr(args, 0), rows = int(args, 1), c = int(args, 2), chunks = int(args, 3);
  const variance = ptr(args, 4), gamma = ptr(args, 5), epsilon = <f64>float(args, 6), coefficients = ptr(args, 9);
  const dgamma = ptr(args, 7), dbeta = ptr(args, 8), add = int(args, 10) != 0;
  const n = <f64>rows, rowBytes = (<usize>c) << 2, end = (<usize>partStart(c, part + 1, parts)) << 2;
  for (let i = (<usize>partStart(c, part, parts)) << 2; i < end; i += 4) {
    let sum: f64 = 0, product: f64 = 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const at = sums + (<usize>chunk) * 2 * rowBytes + i;
      sum += <f64>load<f32>(at);
      product += <f64>load<f32>(at + rowBytes);
    }
    const inverse = 1 / sqrt(<f64>load<f32>(variance + i) + epsilon);
    const a = gamma != 0 ? <f64>load<f32>(gamma + i) * inverse : inverse;
    store<f32>(dgamma + i, (add ? load<f32>(dgamma + i) : 0) + <f32>(product * inverse));
    store<f32>(dbeta + i, (add ? load<f32>(dbeta + i) : 0) + <f32>sum);
    store<f32>(coefficients + i, <f32>a);
    store<f32>(coefficients + rowBytes + i, <f32>((-a * inverse * inverse * product) / n));
    store<f32>(coefficients + 2 * rowBytes + i, <f32>((-a * sum) / n));
  }
}

// @ts-ignore: decorator
@inline
function apply(args: usize, part: i32, parts: i32, relu: bool, residual: bool): void {
  const rows = int(args, 7), c = int(args, 8), rowBytes = (<usize>c) << 2, whole = (<usize>(c & ~3)) << 2;
  const mean = ptr(args, 3), a = ptr(args, 4), b = a + rowBytes, d = b + rowBytes;
  const last = partStart(rows, part + 1, parts);
  for (let row = partStart(rows, part, parts); row < last; row++) {
    const offset = (<usize>row) * rowBytes;
    const dy = ptr(args, 0) + offset, x = ptr(args, 1) + offset, y = ptr(args, 2) + offset;
    const dx = ptr(args, 5) + offset, dresidual = ptr(args, 6) + offset;
    for (let i: usize = 0; i < whole; i += 16) {
      const g = slope(dy + i, y + i, relu, true);
      const centred = f32x4.sub(v128.load(x + i), v128.load(mean + i));
      v128.store(dx + i, madd(v128.load(a + i), g, madd(v128.load(b + i), centred, v128.load(d + i))));
      if (residual) v128.store(dresidual + i, g);
    }
    for (let i = whole; i < rowBytes; i += 4) {
      const g = slope(dy + i, y + i, relu, false);
      const centred = f32x4.sub(v128.load32_splat(x + i), v128.load32_splat(mean + i));
      put(dx + i, madd(v128.load32_splat(a + i), g, madd(v128.load32_splat(b + i), centred, v128.load32_splat(d + i))), false);
      if (residual) put(dresidual + i, g, false);
    }
  }
}

/** args: dy, x, y (0 without relu), mean, coefficients [3, c], dx, dresidual (0: none), rows, c. */
export function batchNormGradApply(args: usize, part: i32, parts: i32): void {
  const relu = ptr(args, 2) != 0, residual = ptr(args, 6) != 0;
  if (relu && residual) apply(args, part, parts, true, true);
  else if (relu) apply(args, part, parts, true, false);
  else if (residual) apply(args, part, parts, false, true);
  else apply(args, part, parts, false, false);
}
