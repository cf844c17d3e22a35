import { highLanes, highPairs, loadLanes, lowLanes, lowPairs } from './simd';
import { filterPoints } from './winograd-kinds';
import { LINES } from './winograd-tiles';

/**
 * The 36 transforms, `step` bytes apart, of rows d … d+3 and columns column … column+3 of a filter, 4 columns of each row
 * going to 32 bytes from `to` on. Forward, the filter is [9][depth, n]; for the input gradient (`transposed`) it is
 * [9][n, depth] and turned by 180°.
 */
function transformBlock(
  kind: i32, filter: usize, depth: i32, n: i32, transposed: bool, d: i32, column: i32, to: usize, step: usize, scratch: usize,
): void {
  const block = scratch + LINES, rows = min(4, depth - d), columns = n - column;
  for (let tap = 0; tap < 9; tap++) {
    const at = block + (<usize>tap << 6);
    if (!transposed) {
      for (let r = 0; r < rows; r++) {
        const from = filter + ((<usize>(tap * depth + d + r) * <usize>n + <usize>column) << 2);
        v128.store(at + (<usize>r << 4), loadLanes(from, columns));
      }
      continue;
    }
    const from = filter + ((<usize>((8 - tap) * n + column) * <usize>depth + <usize>d) << 2), next = <usize>depth << 2;
    const zero = f32x4.splat(0);
    const x0 = columns > 0 ? loadLanes(from, rows) : zero, x1 = columns > 1 ? loadLanes(from + next, rows) : zero;
    const x2 = columns > 2 ? loadLanes(from + 2 * next, rows) : zero;
    const x3 = columns > 3 ? loadLanes(from + 3 * next, rows) : zero;
    const a = lowLanes(x0, x1), b = lowLanes(x2, x3), c = highLanes(x0, x1), e = highLanes(x2, x3);
    v128.store(at, lowPairs(a, b));
    v128.store(at, highPairs(a, b), 16);
    v128.store(at, lowPairs(c, e), 32);
    v128.store(at, highPairs(c, e), 48);
  }
  for (let r = 0; r < rows; r++) filterPoints(kind, block + (<usize>r << 4), 64, scratch, to + (<usize>r << 5), step);
}

/** Rows d … d+3 of one packed panel [·][8], whose 36 transforms begin at `to`. Whole cache lines are written. */
export function transformPanelRows(
  kind: i32, filter: usize, depth: i32, n: i32, transposed: bool, d: i32, column: i32, to: usize, step: usize, scratch: usize,
): void {
  transformBlock(kind, filter, depth, n, transposed, d, column, to, step, scratch);
  transformBlock(kind, filter, depth, n, transposed, d, column + 4, to + 16, step, scratch);
}
