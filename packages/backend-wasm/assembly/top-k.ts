import { int, partStart, ptr } from './args';

/**
 * The k largest of each row of x [rows, n], largest first and equal ones in their order, with their places. The best so far
 * are kept sorted; most numbers of a long row are not larger than the last of them. args: x, values, places, rows, n, k.
 */
export function topK(args: usize, part: i32, parts: i32): void {
  const rows = int(args, 3), n = int(args, 4), k = int(args, 5);
  const end = partStart(rows, part + 1, parts), last = (<usize>(k - 1)) << 2;
  for (let row = partStart(rows, part, parts); row < end; row++) {
    const x = ptr(args, 0) + ((<usize>row * <usize>n) << 2);
    const values = ptr(args, 1) + ((<usize>row * <usize>k) << 2), places = ptr(args, 2) + ((<usize>row * <usize>k) << 2);
    for (let i = 0; i < n; i++) {
      const value = load<f32>(x + ((<usize>i) << 2));
      let at: usize;
      if (i < k) at = (<usize>i) << 2;
      else if (value > load<f32>(values + last)) at = last;
      else continue;
      while (at > 0 && value > load<f32>(values + at - 4)) {
        store<f32>(values + at, load<f32>(values + at - 4));
        store<i32>(places + at, load<i32>(places + at - 4));
        at -= 4;
      }
      store<f32>(values + at, value);
      store<i32>(places + at, i);
    }
  }
}
