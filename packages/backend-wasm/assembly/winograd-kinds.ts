import { LANES } from './winograd-lanes';
import { largeA, largeAT, largeBT, largeG, largeGT } from './winograd-large-tiles';
import { spreadAT, spreadBT, stridedA, stridedAT, stridedBT, stridedG, stridedGT } from './winograd-strided-tiles';
import { columnsAT, rowAT, tileA, tileBT, tileG, tileGT } from './winograd-tiles';
import { wideA, wideAT, wideBT, wideG, wideGT } from './winograd-wide-tiles';

// The kinds of correlation with a 3×3 filter that go through transformed tiles.
//
// | kind | what | image tile, distance | points | target tile |
// |---|---|---|---|---|
// | DENSE | stride 1, and its input gradient | 6×6, 4×4 | 6×6 | 4×4 |
// | WIDE | the same, for images that 8 pixels divide | 6×10, 4×8 | 6×10 | 4×8 |
// | LARGE | the same, for images that 8 pixels divide both ways | 10×10, 8×8 | 10×10 | 8×8 |
// | STRIDED | stride 2 | 9×9, 8×8 | 9×9 | 4×4 |
// | SPREAD | the input gradient of stride 2 with one pixel of padding | 5×5, 4×4 | 9×9 | 8×8 |
export const DENSE: i32 = 0;
export const STRIDED: i32 = 1;
export const SPREAD: i32 = 2;
export const WIDE: i32 = 3;
export const LARGE: i32 = 4;

export function pointsOf(kind: i32): i32 {
  return kind == DENSE ? 36 : kind == WIDE ? 60 : kind == LARGE ? 100 : 81;
}

// A tile of the image, and the pixels from one to the next.
export function imageHeight(kind: i32): i32 {
  return kind == STRIDED ? 9 : kind == SPREAD ? 5 : kind == LARGE ? 10 : 6;
}
export function imageWidth(kind: i32): i32 {
  return kind == WIDE ? 10 : imageHeight(kind);
}
export function stepDown(kind: i32): i32 {
  return kind == STRIDED || kind == LARGE ? 8 : 4;
}
export function stepRight(kind: i32): i32 {
  return kind == WIDE ? 8 : stepDown(kind);
}

// A tile of the target.
export function targetHeight(kind: i32): i32 {
  return kind == SPREAD || kind == LARGE ? 8 : 4;
}
export function targetWidth(kind: i32): i32 {
  return kind == WIDE ? 8 : targetHeight(kind);
}

/** Which of the filter's transforms belongs to a point; with stride 2 only 36 differ. */
export function filterOf(kind: i32, point: i32): i32 {
  return kind == DENSE || kind == WIDE || kind == LARGE ? point : min(point / 9, 5) * 6 + min(point % 9, 5);
}

/** How many transforms of the filter differ. */
export function filtersOf(kind: i32): i32 {
  return kind == LARGE ? 100 : kind == WIDE ? 60 : 36;
}

/** A tile of the image → its points, `step` bytes apart. */
export function imagePoints(kind: i32, table: usize, offset: usize, lines: usize, to: usize, step: usize): void {
  if (kind == DENSE) tileBT(table, offset, lines, to, step);
  else if (kind == WIDE) wideBT(table, offset, lines, to, step);
  else if (kind == LARGE) largeBT(table, offset, lines, to, step);
  else if (kind == STRIDED) stridedBT(table, offset, lines, to, step);
  else spreadBT(table, offset, lines, to, step);
}

/** The nine taps, `tap` bytes apart → its transforms, `step` bytes apart. */
export function filterPoints(kind: i32, g: usize, tap: usize, lines: usize, to: usize, step: usize): void {
  if (kind == DENSE) tileG(g, tap, lines, to, step);
  else if (kind == WIDE) wideG(g, tap, lines, to, step);
  else if (kind == LARGE) largeG(g, tap, lines, to, step);
  else stridedG(g, tap, lines, to, step);
}

/** The transpose of `targetTile`: a tile of dy → its points, `step` bytes apart. */
export function slopePoints(kind: i32, table: usize, offset: usize, lines: usize, to: usize, step: usize): void {
  if (kind == DENSE) tileA(table, offset, lines, to, step);
  else if (kind == WIDE) wideA(table, offset, lines, to, step);
  else if (kind == LARGE) largeA(table, offset, lines, to, step);
  else stridedA(table, offset, lines, to, step);
}

/** The transpose of `filterPoints`: sums, `step` bytes apart → nine taps, `tap` bytes apart. */
export function filterTaps(kind: i32, u: usize, step: usize, lines: usize, to: usize, tap: usize): void {
  if (kind == DENSE) tileGT(u, step, lines, to, tap);
  else if (kind == WIDE) wideGT(u, step, lines, to, tap);
  else if (kind == LARGE) largeGT(u, step, lines, to, tap);
  else stridedGT(u, step, lines, to, tap);
}

/** Products, `step` bytes apart → a tile of the target, its pixels side by side. */
export function targetTile(kind: i32, m: usize, step: usize, lines: usize, to: usize): void {
  if (kind == WIDE) {
    wideAT(m, step, lines, to, 8 * LANES, LANES);
  } else if (kind == LARGE) {
    largeAT(m, step, lines, to, 8 * LANES, LANES);
  } else if (kind == STRIDED) {
    stridedAT(m, step, lines, to);
  } else if (kind == SPREAD) {
    spreadAT(m, step, lines, to);
  } else {
    columnsAT(m, step, lines);
    for (let r = 0; r < 4; r++) rowAT(lines, r, to + <usize>(4 * r) * LANES, LANES);
  }
}
