import { float, int, partStart, ptr } from './args';

/** args: address, number of 32-bit words, the words. */
export function write(args: usize, part: i32, parts: i32): void {
  const base = ptr(args, 0), n = int(args, 1);
  for (let i = partStart(n, part, parts), end = partStart(n, part + 1, parts); i < end; i++) {
    store<i32>(base + ((<usize>i) << 2), int(args, 2 + i));
  }
}

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
