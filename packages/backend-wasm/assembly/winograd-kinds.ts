import { spreadAT, spreadBT, stridedA, stridedAT, stridedBT, stridedG, stridedGT } from './winograd-strided-tiles';
import { columnsAT, rowAT, tileA, tileBT, tileG, tileGT } from './winograd-tiles';

// The kinds of correlation with a 3×3 filter that go through transformed tiles.
//
// | kind | what | image tile, distance | points | target tile |
// |---|---|---|---|---|
// | DENSE | stride 1, and its input gradient | 6×6, 4 | 6×6 | 4×4 |
// | STRIDED | stride 2 | 9×9, 8 | 9×9 | 4×4 |
// | SPREAD | the input gradient of stride 2 with one pixel of padding | 5×5, 4 | 9×9 | 8×8 |
export const DENSE: i32 = 0;
export const STRIDED: i32 = 1;
export const SPREAD: i32 = 2;

/** Points along one axis. */
export function pointsOf(kind: i32): i32 {
  return kind == DENSE ? 6 : 9;
}

/** Side of a tile of the image. */
export function imageSide(kind: i32): i32 {
  return kind == DENSE ? 6 : kind == STRIDED ? 9 : 5;
}

/** Pixels from one tile of the image to the next. */
export function imageStep(kind: i32): i32 {
  return kind == STRIDED ? 8 : 4;
}

/** Side of a tile of the target. */
export function targetSide(kind: i32): i32 {
  return kind == SPREAD ? 8 : 4;
}

/** Which of the 36 transforms of the filter belongs to a point. */
export function filterOf(kind: i32, point: i32): i32 {
  return kind == DENSE ? point : min(point / 9, 5) * 6 + min(point % 9, 5);
}

/** A tile of the image → its points, `step` bytes apart. */
export function imagePoints(kind: i32, table: usize, offset: usize, lines: usize, to: usize, step: usize): void {
  if (kind == DENSE) tileBT(table, offset, lines, to, step);
  else if (kind == STRIDED) stridedBT(table, offset, lines, to, step);
  else spreadBT(table, offset, lines, to, step);
}

/** The nine taps, `tap` bytes apart → 36 transforms, `step` bytes apart. */
export function filterPoints(kind: i32, g: usize, tap: usize, lines: usize, to: usize, step: usize): void {
  if (kind == DENSE) tileG(g, tap, lines, to, step);
  else stridedG(g, tap, lines, to, step);
}

/** The transpose of `targetTile`: a tile of dy → its points, `step` bytes apart. */
export function slopePoints(kind: i32, table: usize, offset: usize, lines: usize, to: usize, step: usize): void {
  if (kind == DENSE) tileA(table, offset, lines, to, step);
  else stridedA(table, offset, lines, to, step);
}

/** The transpose of `filterPoints`: 36 sums, `step` bytes apart → nine taps side by side. */
export function filterTaps(kind: i32, u: usize, step: usize, lines: usize, to: usize): void {
  if (kind == DENSE) tileGT(u, step, lines, to);
  else stridedGT(u, step, lines, to);
}

/** Products, `step` bytes apart → a tile of the target, its pixels side by side. */
export function targetTile(kind: i32, m: usize, step: usize, lines: usize, to: usize): void {
  if (kind == STRIDED) {
    stridedAT(m, step, lines, to);
  } else if (kind == SPREAD) {
    spreadAT(m, step, lines, to);
  } else {
    columnsAT(m, step, lines);
    for (let r = 0; r < 4; r++) rowAT(lines, r, to + (<usize>r << 6), 16);
  }
}
