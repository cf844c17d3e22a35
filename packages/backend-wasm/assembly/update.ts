import { float, int, partStart, ptr } from './args';
import { get, madd, put } from './simd';
import { sumLanes64 } from './vector-math';

// Updates of many tensors in one run. A table has a row of twelve slots for each stretch of at most some thousand elements,
// of whichever tensor: addresses, the number of elements, settings. Outputs may be their own inputs.
const ROW_BYTES: usize = 48;

/** Where the rows of a part begin. */
// @ts-ignore: decorator
@inline
function rowsFrom(args: usize, part: i32, parts: i32): usize {
  return ptr(args, 0) + (<usize>partStart(int(args, 1), part, parts)) * ROW_BYTES;
}

// @ts-ignore: decorator
@inline
function splat(args: usize, slot: i32): v128 {
  return v128.load32_splat(args + ((<usize>slot) << 2));
}

/** Settings of a row of `momentumUpdate`, in registers. */
// @ts-ignore: decorator
@inline
function momentumAt(
  w: usize, g: usize, v: usize, newW: usize, newV: usize, rate: v128, decay: v128, trust: v128, momentum: v128,
  previous: bool, kept: bool, nesterov: bool, wide: bool,
): void {
  const weight = get(w, wide);
  const slope = f32x4.mul(madd(weight, decay, get(g, wide)), trust);
  const velocity = previous ? madd(get(v, wide), momentum, slope) : slope;
  if (kept) put(newV, velocity, wide);
  const direction = nesterov ? madd(velocity, momentum, slope) : velocity;
  put(newW, f32x4.sub(weight, f32x4.mul(direction, rate)), wide);
}

// @ts-ignore: decorator
@inline
function momentumRow(row: usize, momentum: v128, previous: bool, kept: bool, nesterov: bool): void {
  const w = ptr(row, 0), g = ptr(row, 1), v = ptr(row, 2), newW = ptr(row, 3), newV = ptr(row, 4);
  const rate = splat(row, 6), decay = splat(row, 7), trust = splat(row, 8);
  const end = (<usize>int(row, 5)) << 2, whole = end & ~15;
  for (let i: usize = 0; i < whole; i += 16)
    momentumAt(w + i, g + i, v + i, newW + i, newV + i, rate, decay, trust, momentum, previous, kept, nesterov, true);
  for (let i = whole; i < end; i += 4)
    momentumAt(w + i, g + i, v + i, newW + i, newV + i, rate, decay, trust, momentum, previous, kept, nesterov, false);
}

/**
 * u = q·(g + wd·w), v ← m·v + u, w ← w − lr·v, or w − lr·(u + m·v) with nesterov. A v with the address 0 is not there yet
 * (v ← u), and one whose new address is 0 is not kept.
 * args: table, rows, m, nesterov. Row: w, g, v, new w, new v, elements, lr, wd, q.
 */
export function momentumUpdate(args: usize, part: i32, parts: i32): void {
  const momentum = splat(args, 2), nesterov = int(args, 3) != 0, end = rowsFrom(args, part + 1, parts);
  for (let row = rowsFrom(args, part, parts); row < end; row += ROW_BYTES) {
    const previous = ptr(row, 2) != 0, kept = ptr(row, 4) != 0;
    if (nesterov) momentumRow(row, momentum, previous, kept, true);
    else if (previous && kept) momentumRow(row, momentum, true, true, false);
    else momentumRow(row, momentum, previous, kept, false);
  }
}

// @ts-ignore: decorator
@inline
function adamAt(row: usize, args: usize, i: usize, wide: bool): void {
  const w = get(ptr(row, 0) + i, wide), g = get(ptr(row, 1) + i, wide);
  let m = f32x4.mul(g, splat(args, 3)), v = f32x4.mul(f32x4.mul(g, g), splat(args, 5));
  if (ptr(row, 2) != 0) m = madd(get(ptr(row, 2) + i, wide), splat(args, 2), m);
  if (ptr(row, 3) != 0) v = madd(get(ptr(row, 3) + i, wide), splat(args, 4), v);
  put(ptr(row, 5) + i, m, wide);
  put(ptr(row, 6) + i, v, wide);
  const root = f32x4.add(f32x4.sqrt(f32x4.div(v, splat(row, 11))), splat(args, 6));
  const step = f32x4.mul(f32x4.div(f32x4.div(m, splat(row, 10)), root), splat(row, 8));
  put(ptr(row, 4) + i, f32x4.sub(f32x4.mul(w, splat(row, 9)), step), wide);
}

/**
 * m ← β₁·m + (1−β₁)·g, v ← β₂·v + (1−β₂)·g², w ← w·(1 − lr·wd) − lr·(m/c₁)/(√(v/c₂) + ε). An m and v with the address 0 are
 * not there yet, and taken as 0.
 * args: table, rows, β₁, 1−β₁, β₂, 1−β₂, ε. Row: w, g, m, v, new w, new m, new v, elements, lr, 1 − lr·wd, c₁, c₂.
 */
export function adamUpdate(args: usize, part: i32, parts: i32): void {
  const last = rowsFrom(args, part + 1, parts);
  for (let row = rowsFrom(args, part, parts); row < last; row += ROW_BYTES) {
    const end = (<usize>int(row, 7)) << 2, whole = end & ~15;
    for (let i: usize = 0; i < whole; i += 16) adamAt(row, args, i, true);
    for (let i = whole; i < end; i += 4) adamAt(row, args, i, false);
  }
}

/** new target = target + rate·(online − target). args: table, rows, rate. Row: target, online, new target, elements. */
export function averageUpdate(args: usize, part: i32, parts: i32): void {
  const rate = splat(args, 2), last = rowsFrom(args, part + 1, parts);
  for (let row = rowsFrom(args, part, parts); row < last; row += ROW_BYTES) {
    const from = ptr(row, 0), online = ptr(row, 1), to = ptr(row, 2);
    const end = (<usize>int(row, 3)) << 2, whole = end & ~15;
    for (let i: usize = 0; i < whole; i += 16) {
      const target = v128.load(from + i);
      v128.store(to + i, madd(f32x4.sub(v128.load(online + i), target), rate, target));
    }
    for (let i = whole; i < end; i += 4) {
      const target = v128.load32_splat(from + i);
      put(to + i, madd(f32x4.sub(v128.load32_splat(online + i), target), rate, target), false);
    }
  }
}

/** out = factor·x. args: table, rows, factor. Row: x, out, elements. */
export function scaleRows(args: usize, part: i32, parts: i32): void {
  const factor = splat(args, 2), last = rowsFrom(args, part + 1, parts);
  for (let row = rowsFrom(args, part, parts); row < last; row += ROW_BYTES) {
    const from = ptr(row, 0), to = ptr(row, 1), end = (<usize>int(row, 2)) << 2, whole = end & ~15;
    for (let i: usize = 0; i < whole; i += 16) v128.store(to + i, f32x4.mul(v128.load(from + i), factor));
    for (let i = whole; i < end; i += 4) store<f32>(to + i, load<f32>(from + i) * float(args, 2));
  }
}

/** Σw² and Σ(g + wd·w)² of each row, in float64. args: table, rows, sums [rows, 2]. Row: w, g, elements, wd. */
export function rowNorms(args: usize, part: i32, parts: i32): void {
  const rows = int(args, 1), last = partStart(rows, part + 1, parts);
  for (let index = partStart(rows, part, parts); index < last; index++) {
    const row = ptr(args, 0) + (<usize>index) * ROW_BYTES, sums = ptr(args, 2) + ((<usize>index) << 4);
    const w = ptr(row, 0), g = ptr(row, 1), decay = splat(row, 3), end = (<usize>int(row, 2)) << 2;
    let weights: f64 = 0, slopes: f64 = 0;
    for (let start: usize = 0; start < end; start += 1024) {
      const stop = min(start + 1024, end), whole = start + ((stop - start) & ~15);
      let a = f32x4.splat(0), b = f32x4.splat(0);
      for (let i = start; i < whole; i += 16) {
        const weight = v128.load(w + i), slope = madd(weight, decay, v128.load(g + i));
        a = madd(weight, weight, a);
        b = madd(slope, slope, b);
      }
      for (let i = whole; i < stop; i += 4) {
        const weight = <f64>load<f32>(w + i), slope = <f64>load<f32>(g + i) + weight * <f64>float(row, 3);
        weights += weight * weight;
        slopes += slope * slope;
      }
      weights += sumLanes64(a);
      slopes += sumLanes64(b);
    }
    store<f64>(sums, weights);
    store<f64>(sums, slopes, 8);
  }
}
