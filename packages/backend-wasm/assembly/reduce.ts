import { float, int, partStart, ptr } from './args';

const SUM = 0, MAX = 1, MIN = 2, PROD = 3;
/** A sum is taken of blocks of so many numbers first, and then of the blocks, which keeps the rounding error small. */
const BLOCK = 64;

// @ts-ignore: decorator
@inline
function neutral(op: i32): f32 {
  return op == SUM ? 0 : op == MAX ? -Infinity : op == MIN ? Infinity : 1;
}

// @ts-ignore: decorator
@inline
function join(op: i32, x: v128, y: v128): v128 {
  if (op == SUM) return f32x4.add(x, y);
  if (op == MAX) return f32x4.max(x, y);
  if (op == MIN) return f32x4.min(x, y);
  return f32x4.mul(x, y);
}

// @ts-ignore: decorator
@inline
function joinLanes(op: i32, v: v128): f32 {
  const pairs = join(op, v, v128.shuffle<i32>(v, v, 2, 3, 0, 1));
  return f32x4.extract_lane(join(op, pairs, v128.shuffle<i32>(pairs, pairs, 1, 0, 3, 2)), 0);
}

/** Of `n` numbers side by side. */
// @ts-ignore: decorator
@inline
function reduceRun(op: i32, x: usize, n: i32): f32 {
  const start = f32x4.splat(neutral(op));
  let total = start, rest = n;
  while (rest >= 16) {
    let a = start, b = start, c = start, d = start;
    const length = min(rest & ~15, 16 * BLOCK), end = x + ((<usize>length) << 2);
    while (x < end) {
      a = join(op, a, v128.load(x));
      b = join(op, b, v128.load(x, 16));
      c = join(op, c, v128.load(x, 32));
      d = join(op, d, v128.load(x, 48));
      x += 64;
    }
    total = join(op, total, join(op, join(op, a, b), join(op, c, d)));
    rest -= length;
  }
  let last = start;
  while (rest >= 4) {
    last = join(op, last, v128.load(x));
    x += 16;
    rest -= 4;
  }
  total = join(op, total, last);
  let value = f32x4.splat(joinLanes(op, total));
  while (rest > 0) {
    value = join(op, value, v128.load32_splat(x));
    x += 4;
    rest--;
  }
  return f32x4.extract_lane(value, 0);
}

/** Of `n` rows, for 16, 4 or 1 columns side by side. */
// @ts-ignore: decorator
@inline
function reduceColumns(op: i32, x: usize, n: i32, rowBytes: usize, columns: i32, divisor: v128, out: usize): void {
  const start = f32x4.splat(neutral(op));
  let a = start, b = start, c = start, d = start, rest = n;
  while (rest > 0) {
    let p = start, q = start, r = start, s = start;
    const length = min(rest, BLOCK), end = x + (<usize>length) * rowBytes;
    if (columns == 16) {
      while (x < end) {
        p = join(op, p, v128.load(x));
        q = join(op, q, v128.load(x, 16));
        r = join(op, r, v128.load(x, 32));
        s = join(op, s, v128.load(x, 48));
        x += rowBytes;
      }
      b = join(op, b, q);
      c = join(op, c, r);
      d = join(op, d, s);
    } else {
      while (x < end) {
        p = join(op, p, columns == 4 ? v128.load(x) : v128.load32_splat(x));
        x += rowBytes;
      }
    }
    a = join(op, a, p);
    rest -= length;
  }
  if (columns == 1) {
    store<f32>(out, f32x4.extract_lane(f32x4.div(a, divisor), 0));
    return;
  }
  v128.store(out, f32x4.div(a, divisor));
  if (columns == 4) return;
  v128.store(out, f32x4.div(b, divisor), 16);
  v128.store(out, f32x4.div(c, divisor), 32);
  v128.store(out, f32x4.div(d, divisor), 48);
}

/**
 * x [outer, n, inner] → out [outer, splits, inner]: n is reduced in `splits` stretches, and the results divided by `divisor`.
 * args: x, out, outer, n, inner, splits, divisor.
 */
// @ts-ignore: decorator
@inline
function reduce(op: i32, args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), out = ptr(args, 1), outer = int(args, 2), n = int(args, 3), inner = int(args, 4);
  const splits = int(args, 5), divisor = float(args, 6);
  const blocks = (inner + 63) / 64, items = outer * splits * blocks, rowBytes = (<usize>inner) << 2;
  const end = partStart(items, part + 1, parts);
  for (let item = partStart(items, part, parts); item < end; item++) {
    const row = item / blocks, first = partStart(n, row % splits, splits), length = partStart(n, (row % splits) + 1, splits) - first;
    let from = x + (<usize>(row / splits) * <usize>n + <usize>first) * rowBytes;
    if (inner == 1) {
      store<f32>(out + ((<usize>row) << 2), reduceRun(op, from, length) / divisor);
      continue;
    }
    let column = (item % blocks) * 64;
    const right = min(inner, column + 64);
    from += (<usize>column) << 2;
    let to = out + (<usize>row) * rowBytes + ((<usize>column) << 2);
    while (column < right) {
      const wide = right - column, columns = wide >= 16 ? 16 : wide >= 4 ? 4 : 1;
      if (columns == 16) reduceColumns(op, from, length, rowBytes, 16, f32x4.splat(divisor), to);
      else if (columns == 4) reduceColumns(op, from, length, rowBytes, 4, f32x4.splat(divisor), to);
      else reduceColumns(op, from, length, rowBytes, 1, f32x4.splat(divisor), to);
      column += columns;
      from += (<usize>columns) << 2;
      to += (<usize>columns) << 2;
    }
  }
}

export function reduceSum(args: usize, part: i32, parts: i32): void {
  reduce(SUM, args, part, parts);
}
export function reduceMax(args: usize, part: i32, parts: i32): void {
  reduce(MAX, args, part, parts);
}
export function reduceMin(args: usize, part: i32, parts: i32): void {
  reduce(MIN, args, part, parts);
}
export function reduceProd(args: usize, part: i32, parts: i32): void {
  reduce(PROD, args, part, parts);
}

/** The place of the first largest (or, negated, smallest) along n of x [outer, n, inner]. args: x, out, outer, n, inner, smallest. */
export function argExtreme(args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), out = ptr(args, 1), outer = int(args, 2), n = int(args, 3), inner = int(args, 4);
  const sign: f32 = int(args, 5) != 0 ? -1 : 1;
  const end = partStart(outer * inner, part + 1, parts), rowBytes = (<usize>inner) << 2;
  for (let item = partStart(outer * inner, part, parts); item < end; item++) {
    const row = item / inner;
    let from = x + (<usize>row) * (<usize>n) * rowBytes + ((<usize>(item - row * inner)) << 2);
    let best = sign * load<f32>(from), place = 0;
    for (let i = 1; i < n; i++) {
      from += rowBytes;
      const value = sign * load<f32>(from);
      if (value > best) {
        best = value;
        place = i;
      }
    }
    store<i32>(out + ((<usize>item) << 2), place);
  }
}

/** Sums along n of x [outer, n, inner], running. args: x, out, outer, n, inner, exclusive, reverse. */
export function cumulativeSum(args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), out = ptr(args, 1), outer = int(args, 2), n = int(args, 3), inner = int(args, 4);
  const exclusive = int(args, 5) != 0, reverse = int(args, 6) != 0;
  const end = partStart(outer * inner, part + 1, parts), rowBytes = (<usize>inner) << 2;
  for (let item = partStart(outer * inner, part, parts); item < end; item++) {
    const row = item / inner;
    let at = (<usize>row) * (<usize>n) * rowBytes + ((<usize>(item - row * inner)) << 2);
    if (reverse) at += (<usize>(n - 1)) * rowBytes;
    let total: f64 = 0;
    for (let i = 0; i < n; i++) {
      const value = <f64>load<f32>(x + at);
      store<f32>(out + at, <f32>(exclusive ? total : total + value));
      total += value;
      at = reverse ? at - rowBytes : at + rowBytes;
    }
  }
}
