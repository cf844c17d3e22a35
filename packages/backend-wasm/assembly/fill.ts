import { float, int, partStart, ptr } from './args';

/** args: address, number of f32 elements, value. */
export function fill(args: usize, part: i32, parts: i32): void {
  const base = ptr(args, 0), n = int(args, 1), value = float(args, 2);
  const values = f32x4.splat(value);
  let at = base + ((<usize>partStart(n, part, parts)) << 2);
  const end = base + ((<usize>partStart(n, part + 1, parts)) << 2);
  while (at + 16 <= end) {
    v128.store(at, values);
    at += 16;
  }
  while (at < end) {
    store<f32>(at, value);
    at += 4;
  }
}
