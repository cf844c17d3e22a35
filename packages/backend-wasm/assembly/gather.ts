import { int, partStart, ptr } from './args';

/**
 * out [outer, count, inner] = x [outer, size, inner] at the listed places, which are within bounds.
 * args: x, indices, out, outer, size, count, inner.
 */
export function gatherRows(args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), indices = ptr(args, 1), out = ptr(args, 2);
  const outer = int(args, 3), size = int(args, 4), count = int(args, 5), bytes = (<usize>int(args, 6)) << 2;
  const end = partStart(outer * count, part + 1, parts);
  for (let item = partStart(outer * count, part, parts); item < end; item++) {
    const group = item / count, place = load<i32>(indices + ((<usize>(item - group * count)) << 2));
    const from = x + (<usize>(group * size + place)) * bytes, to = out + (<usize>item) * bytes;
    if (bytes == 4) store<u32>(to, load<u32>(from));
    else memory.copy(to, from, bytes);
  }
}

/**
 * out [segments, inner] = sums of the rows of x [rows, inner] with that segment id; ids outside are left out. Each part has
 * some of the columns, so that no two write the same number. args: x, ids, out, rows, inner, segments.
 */
export function segmentSum(args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), ids = ptr(args, 1), out = ptr(args, 2), rows = int(args, 3), inner = int(args, 4), segments = int(args, 5);
  const left = partStart(inner, part, parts), n = partStart(inner, part + 1, parts) - left;
  const rowBytes = (<usize>inner) << 2, offset = (<usize>left) << 2, bytes = (<usize>n) << 2, whole = (<usize>(n & ~3)) << 2;
  for (let segment = 0; segment < segments; segment++) memory.fill(out + (<usize>segment) * rowBytes + offset, 0, bytes);
  for (let row = 0; row < rows; row++) {
    const id = load<i32>(ids + ((<usize>row) << 2));
    if (<u32>id >= <u32>segments) continue;
    const from = x + (<usize>row) * rowBytes + offset, to = out + (<usize>id) * rowBytes + offset;
    for (let i: usize = 0; i < whole; i += 16) v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
    for (let i = whole; i < bytes; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
  }
}
