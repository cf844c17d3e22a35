import { float, int, partStart, ptr } from './args';
import { get, madd, put } from './simd';
import { exp4, log4, maxLanes, sumLanes64 } from './vector-math';

// Losses' work on the rows of a matrix [rows, n]: scaling them to length 1, and the cross-entropy of their softmax.

/** Bytes that are summed in float32 before the sum goes on in float64. */
const BLOCK: usize = 1024;

/** Σ a·b of two rows. */
// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, bytes: usize): f64 {
  let total: f64 = 0;
  for (let start: usize = 0; start < bytes; start += BLOCK) {
    const stop = min(start + BLOCK, bytes), whole = start + ((stop - start) & ~31);
    let p = f32x4.splat(0), q = f32x4.splat(0), i = start;
    for (; i < whole; i += 32) {
      p = madd(v128.load(a + i), v128.load(b + i), p);
      q = madd(v128.load(a + i, 16), v128.load(b + i, 16), q);
    }
    total += sumLanes64(f32x4.add(p, q));
    for (; i < stop; i += 4) total += <f64>load<f32>(a + i) * <f64>load<f32>(b + i);
  }
  return total;
}

/** y = x/√max(Σx², ε) of each row, and squares = Σx². args: x, y, squares [rows], rows, n, ε. */
export function l2Normalize(args: usize, part: i32, parts: i32): void {
  const rows = int(args, 3), bytes = (<usize>int(args, 4)) << 2, whole = bytes & ~15, last = partStart(rows, part + 1, parts);
  for (let row = partStart(rows, part, parts); row < last; row++) {
    const x = ptr(args, 0) + (<usize>row) * bytes, y = ptr(args, 1) + (<usize>row) * bytes;
    const squares = <f32>dot(x, x, bytes), scale = f32x4.splat(<f32>(1 / sqrt(<f64>max(squares, float(args, 5)))));
    store<f32>(ptr(args, 2) + ((<usize>row) << 2), squares);
    for (let i: usize = 0; i < whole; i += 16) v128.store(y + i, f32x4.mul(v128.load(x + i), scale));
    for (let i = whole; i < bytes; i += 4) put(y + i, f32x4.mul(get(x + i, false), scale), false);
  }
}

/** dx = (dy − y·⟨y, dy⟩)/‖x‖, or dy/√ε where ‖x‖² ≤ ε. args: dy, y, squares, dx, rows, n, ε. */
export function l2NormalizeGrad(args: usize, part: i32, parts: i32): void {
  const rows = int(args, 4), bytes = (<usize>int(args, 5)) << 2, whole = bytes & ~15, last = partStart(rows, part + 1, parts);
  for (let row = partStart(rows, part, parts); row < last; row++) {
    const offset = (<usize>row) * bytes, dy = ptr(args, 0) + offset, y = ptr(args, 1) + offset, dx = ptr(args, 3) + offset;
    const squares = load<f32>(ptr(args, 2) + ((<usize>row) << 2)), epsilon = float(args, 6);
    const along = f32x4.splat(squares > epsilon ? <f32>dot(y, dy, bytes) : 0);
    const scale = f32x4.splat(<f32>(1 / sqrt(<f64>max(squares, epsilon))));
    for (let i: usize = 0; i < whole; i += 16) {
      v128.store(dx + i, f32x4.mul(f32x4.sub(v128.load(dy + i), f32x4.mul(v128.load(y + i), along)), scale));
    }
    for (let i = whole; i < bytes; i += 4) put(dx + i, f32x4.mul(f32x4.sub(get(dy + i, false), f32x4.mul(get(y + i, false), along)), scale), false);
  }
}

// @ts-ignore: decorator
@inline
function rowMax(x: usize, bytes: usize): f32 {
  const whole = bytes & ~15;
  let largest = f32x4.splat(-Infinity);
  for (let i: usize = 0; i < whole; i += 16) largest = f32x4.max(largest, v128.load(x + i));
  for (let i = whole; i < bytes; i += 4) largest = f32x4.max(largest, v128.load32_splat(x + i));
  return maxLanes(largest);
}

/**
 * loss = −log softmax(x)[label] of each row, 0 where the label is none of its columns, and logSum = log Σ exp(x − max x).
 * args: x, labels (int32), loss [rows], logSum [rows], rows, n.
 */
export function crossEntropy(args: usize, part: i32, parts: i32): void {
  const rows = int(args, 4), n = int(args, 5), bytes = (<usize>n) << 2, last = partStart(rows, part + 1, parts);
  for (let row = partStart(rows, part, parts); row < last; row++) {
    const x = ptr(args, 0) + (<usize>row) * bytes, at = (<usize>row) << 2, label = load<i32>(ptr(args, 1) + at);
    const largest = rowMax(x, bytes), shift = f32x4.splat(largest);
    let total: f64 = 0;
    for (let start: usize = 0; start < bytes; start += BLOCK) {
      const stop = min(start + BLOCK, bytes), whole = start + ((stop - start) & ~15);
      let sum = f32x4.splat(0), i = start;
      for (; i < whole; i += 16) sum = f32x4.add(sum, exp4(f32x4.sub(v128.load(x + i), shift)));
      total += sumLanes64(sum);
      for (; i < stop; i += 4) total += <f64>f32x4.extract_lane(exp4(f32x4.sub(v128.load32_splat(x + i), shift)), 0);
    }
    const logSum = f32x4.extract_lane(log4(f32x4.splat(<f32>total)), 0);
    store<f32>(ptr(args, 3) + at, logSum);
    const counts = label >= 0 && label < n;
    store<f32>(ptr(args, 2) + at, counts ? logSum + (largest - load<f32>(x + ((<usize>label) << 2))) : 0);
  }
}

/** dx = dloss·(softmax(x) − one-hot(label)). args: dloss [rows], x, labels, logSum, dx, rows, n. */
export function crossEntropyGrad(args: usize, part: i32, parts: i32): void {
  const rows = int(args, 5), n = int(args, 6), bytes = (<usize>n) << 2, whole = bytes & ~15, last = partStart(rows, part + 1, parts);
  for (let row = partStart(rows, part, parts); row < last; row++) {
    const x = ptr(args, 1) + (<usize>row) * bytes, dx = ptr(args, 4) + (<usize>row) * bytes, at = (<usize>row) << 2;
    const label = load<i32>(ptr(args, 2) + at), counts = label >= 0 && label < n, slope = counts ? load<f32>(ptr(args, 0) + at) : 0;
    const shift = f32x4.splat(rowMax(x, bytes)), logSum = f32x4.splat(load<f32>(ptr(args, 3) + at)), factor = f32x4.splat(slope);
    for (let i: usize = 0; i < whole; i += 16) {
      v128.store(dx + i, f32x4.mul(exp4(f32x4.sub(f32x4.sub(v128.load(x + i), shift), logSum)), factor));
    }
    for (let i = whole; i < bytes; i += 4) put(dx + i, f32x4.mul(exp4(f32x4.sub(f32x4.sub(get(x + i, false), shift), logSum)), factor), false);
    if (!counts) continue;
    const own = (<usize>label) << 2;
    store<f32>(dx + own, load<f32>(dx + own) - slope);
  }
}
