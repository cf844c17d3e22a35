import { int, partStart, ptr } from './args';
import { exp4, maxLanes, sumLanes } from './vector-math';

/** Of each row of x [rows, columns]. args: x, out, rows, columns. */
export function softmax(args: usize, part: i32, parts: i32): void {
  const x = ptr(args, 0), out = ptr(args, 1), rows = int(args, 2), columns = int(args, 3);
  const whole = columns & ~3, rowBytes = (<usize>columns) << 2, wholeBytes = (<usize>whole) << 2;
  const end = partStart(rows, part + 1, parts);
  for (let row = partStart(rows, part, parts); row < end; row++) {
    const from = x + (<usize>row) * rowBytes, to = out + (<usize>row) * rowBytes;
    let largest = f32x4.splat(-Infinity);
    for (let i: usize = 0; i < wholeBytes; i += 16) largest = f32x4.max(largest, v128.load(from + i));
    for (let i = wholeBytes; i < rowBytes; i += 4) largest = f32x4.max(largest, v128.load32_splat(from + i));
    const shift = f32x4.splat(maxLanes(largest));
    let sums = f32x4.splat(0), tail: f32 = 0;
    for (let i: usize = 0; i < wholeBytes; i += 16) {
      const e = exp4(f32x4.sub(v128.load(from + i), shift));
      sums = f32x4.add(sums, e);
      v128.store(to + i, e);
    }
    for (let i = wholeBytes; i < rowBytes; i += 4) {
      const e = f32x4.extract_lane(exp4(f32x4.sub(v128.load32_splat(from + i), shift)), 0);
      tail += e;
      store<f32>(to + i, e);
    }
    const total = f32x4.splat(sumLanes(sums) + tail);
    const factor = f32x4.div(f32x4.splat(1), total);
    for (let i: usize = 0; i < wholeBytes; i += 16) v128.store(to + i, f32x4.mul(v128.load(to + i), factor));
    for (let i = wholeBytes; i < rowBytes; i += 4) store<f32>(to + i, load<f32>(to + i) * f32x4.extract_lane(factor, 0));
  }
}
