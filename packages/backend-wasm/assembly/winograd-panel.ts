import { highLanes, highPairs, loadLanes, lowLanes, lowPairs } from './simd';
import { filterPoints } from './winograd-kinds';
import { LANES } from './winograd-lanes';
import { LINES } from './winograd-tiles';
import { PANELS } from './variant';

/** Columns that are transformed together: half a panel, or a whole one in the build of pairs. */
const columnsAtOnce: i32 = 4 * PANELS;

/** Four rows from row d on of a tap of the filter [9][depth, n] and 4 columns from `column` on, at `to` and LANES further each. */
function forwardTap(filter: usize, depth: i32, n: i32, tap: i32, d: i32, column: i32, to: usize): void {
  let from = filter + ((<usize>(tap * depth + d) * <usize>n + <usize>column) << 2);
  for (let r = min(4, depth - d); r > 0; r--) {
    v128.store(to, loadLanes(from, n - column));
    from += <usize>n << 2;
    to += LANES;
  }
}

/** The same of the filter [9][n, depth] turned by 180°, for the input gradient. */
function turnedTap(filter: usize, depth: i32, n: i32, tap: i32, d: i32, column: i32, to: usize): void {
  const from = filter + ((<usize>((8 - tap) * n + column) * <usize>depth + <usize>d) << 2), next = <usize>depth << 2;
  const rows = depth - d, columns = n - column, zero = f32x4.splat(0);
  const x0 = columns > 0 ? loadLanes(from, rows) : zero, x1 = columns > 1 ? loadLanes(from + next, rows) : zero;
  const x2 = columns > 2 ? loadLanes(from + 2 * next, rows) : zero;
  const x3 = columns > 3 ? loadLanes(from + 3 * next, rows) : zero;
  const a = lowLanes(x0, x1), b = lowLanes(x2, x3), c = highLanes(x0, x1), e = highLanes(x2, x3);
  v128.store(to, lowPairs(a, b));
  v128.store(to + LANES, highPairs(a, b));
  v128.store(to + 2 * LANES, lowPairs(c, e));
  v128.store(to + 3 * LANES, highPairs(c, e));
}

/**
 * Rows d … d+3 of one packed panel [·][8], whose 36 or 60 transforms begin at `to`, `step` bytes apart. Forward, the filter is [9][depth, n]; for
 * the input gradient (`turned`) it is [9][n, depth] and turned by 180°. Whole cache lines are written.
 */
export function transformPanelRows(
  kind: i32, filter: usize, depth: i32, n: i32, turned: bool, d: i32, column: i32, to: usize, step: usize, scratch: usize,
): void {
  const block = scratch + LINES, tapBytes: usize = 4 * LANES, rows = min(4, depth - d);
  for (let j = 0; j < 8; j += columnsAtOnce) {
    for (let tap = 0; tap < 9; tap++) {
      for (let half = 0; half < columnsAtOnce; half += 4) {
        const at = block + <usize>tap * tapBytes + (<usize>half << 2);
        if (turned) turnedTap(filter, depth, n, tap, d, column + j + half, at);
        else forwardTap(filter, depth, n, tap, d, column + j + half, at);
      }
    }
    const first = to + (<usize>j << 2);
    for (let r = 0; r < rows; r++) filterPoints(kind, block + <usize>r * LANES, tapBytes, scratch, first + (<usize>r << 5), step);
  }
}
