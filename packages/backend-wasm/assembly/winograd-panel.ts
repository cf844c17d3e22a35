import { highLanes, highPairs, loadLanes, lowLanes, lowPairs, put4 } from './simd';
import { filterPoints } from './winograd-kinds';
import { LANES } from './winograd-lanes';

/** Panels of 8 columns that are transformed together: a run of whole cache lines of each of the filter's rows, which stand pages apart. */
export const TOGETHER: i32 = 8;
const ROW: usize = (<usize>TOGETHER) << 5;
const TAP: usize = 4 * ROW;
/** Bytes that `transformPanels` needs for the taps. */
export const TAPS: usize = 9 * TAP;

/** Four rows of `from`, `next` bytes apart, of which `columns` exist, `rows` long → four columns, a row of taps apart. */
// @ts-ignore: decorator
@inline
function turn(from: usize, next: usize, rows: i32, columns: i32, to: usize): void {
  const zero = f32x4.splat(0);
  const x0 = loadLanes(from, rows), x1 = columns > 1 ? loadLanes(from + next, rows) : zero;
  const x2 = columns > 2 ? loadLanes(from + 2 * next, rows) : zero, x3 = columns > 3 ? loadLanes(from + 3 * next, rows) : zero;
  const a = lowLanes(x0, x1), b = lowLanes(x2, x3), c = highLanes(x0, x1), d = highLanes(x2, x3);
  v128.store(to, lowPairs(a, b));
  v128.store(to + ROW, highPairs(a, b));
  v128.store(to + 2 * ROW, lowPairs(c, d));
  v128.store(to + 3 * ROW, highPairs(c, d));
}

/** `count` numbers, filled up with 0 to a multiple of 8. */
// @ts-ignore: decorator
@inline
function copyRow(from: usize, count: i32, to: usize): void {
  if (count < TOGETHER << 3) {
    for (let j = 0; j < ((count + 7) & ~7); j += 4) v128.store(to + (<usize>j << 2), loadLanes(from + (<usize>j << 2), count - j));
    return;
  }
  for (let j: usize = 0; j < ROW; j += 64) {
    const x = v128.load(from + j), y = v128.load(from + j, 16), z = v128.load(from + j, 32), w = v128.load(from + j, 48);
    put4(to + j, x, y, z, w);
  }
}

/**
 * Rows d … d+3 of `count` columns of a filter, [9][4][64] at `to`, columns filled up with 0 to a multiple of 8. Forward, the filter is [9][depth, n];
 * for the input gradient (`transposed`) it is [9][n, depth] and turned by 180°. All at once, so that many cache lines are on their way.
 */
function gatherTaps(filter: usize, depth: i32, n: i32, transposed: bool, d: i32, column: i32, count: i32, to: usize): void {
  const rows = min(4, depth - d), whole = (count + 7) & ~7, next = <usize>depth << 2;
  for (let tap = 0; tap < 9; tap++) {
    if (transposed) {
      let from = filter + ((<usize>((8 - tap) * n + column) * <usize>depth + <usize>d) << 2);
      for (let j = 0; j < whole; j += 4) {
        const at = to + (<usize>j << 2);
        if (j < count) turn(from, next, rows, count - j, at);
        else for (let r: usize = 0; r < 4; r++) v128.store(at + r * ROW, f32x4.splat(0));
        from += 4 * next;
      }
    } else {
      for (let r = 0; r < rows; r++) {
        copyRow(filter + ((<usize>(tap * depth + d + r) * <usize>n + <usize>column) << 2), count, to + <usize>r * ROW);
      }
    }
    to += TAP;
  }
}

/**
 * Rows d … d+3 of up to eight packed panels [·][8], `panelBytes` apart, for the columns from `column` on; the transforms begin at `to`, `step` bytes
 * apart. Whole cache lines are written. `taps` is scratch.
 */
export function transformPanels(
  kind: i32, filter: usize, depth: i32, n: i32, transposed: bool, d: i32, column: i32, panels: i32, to: usize, panelBytes: usize, step: usize,
  taps: usize, lines: usize,
): void {
  gatherTaps(filter, depth, n, transposed, d, column, min(panels * 8, n - column), taps);
  const rows = min(4, depth - d);
  for (let panel = 0; panel < panels; panel++) {
    for (let r = 0; r < rows; r++) {
      const from = taps + <usize>r * ROW + (<usize>panel << 5), at = to + (<usize>r << 5);
      for (let half: usize = 0; half < 32; half += LANES) filterPoints(kind, from + half, TAP, lines, at + half, step);
    }
    to += panelBytes;
  }
}
