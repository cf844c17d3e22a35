import { PANELS } from './variant';
import { imageHeight, imagePoints, imageWidth, slopePoints, stepDown, stepRight, targetHeight, targetWidth } from './winograd-kinds';
import { gatherTail, patch, TABLE, TAIL_TABLE, ZEROS } from './winograd-patch';

/**
 * Takes tiles to their points: tile first + t becomes row t of a matrix for each point, `step` bytes apart at `to`. Channels go in
 * blocks of `blockWidth`, a multiple of 8, each a matrix of its own, `blockBytes` apart; those that fill up the last 8 become 0.
 * Tiles beyond `last` repeat it.
 */
function transformTiles(
  kind: i32, slopes: bool, image: usize, height: i32, width: i32, c: i32, top: i32, left: i32, down: i32, right: i32, rows: i32, columns: i32,
  across: i32, perImage: i32, first: i32, count: i32, last: i32, to: usize, blockWidth: i32, blockBytes: usize, step: usize, scratch: usize,
): void {
  const table = scratch + TABLE, pixelBytes = <usize>c << 2, rowBytes = <usize>blockWidth << 2;
  for (let t = 0; t < count; t++) {
    const tile = min(first + t, last), place = tile % perImage, column = place % across;
    const from = image + <usize>(tile / perImage * height * width) * pixelBytes;
    const i = (place / across) * down - top, j = column * right - left;
    if (t == 0 || column == 0) {
      const together = min(across - column, count - t);
      touchImage(from, height, width, pixelBytes, i, j, i + rows, j + (together - 1) * right + columns, scratch);
    }
    patch(table, rows, columns, from, i, j, height, width, pixelBytes, scratch + ZEROS);
    const row = to + <usize>t * rowBytes;
    for (let ch = 0; ch < c; ch += 8) {
      let pixels = table, offset = <usize>ch << 2;
      if (ch + 8 > c) {
        gatherTail(scratch, table, rows * columns, offset, c - ch);
        pixels = scratch + TAIL_TABLE;
        offset = 0;
      }
      const at = row + <usize>(ch / blockWidth) * blockBytes + (<usize>(ch % blockWidth) << 2);
      for (let half: usize = 0; half < 32; half += <usize>PANELS << 4) {
        if (slopes) slopePoints(kind, pixels, offset + half, scratch, at + half, step);
        else imagePoints(kind, pixels, offset + half, scratch, at + half, step);
      }
    }
  }
}

/**
 * Reads a number of each cache line of a part of an image, so that the lines are fetched one after the other as the transforms, which go by
 * tiles, do not.
 */
function touchImage(image: usize, height: i32, width: i32, pixelBytes: usize, top: i32, left: i32, bottom: i32, right: i32, scratch: usize): void {
  const begin = max(0, left), bytes = <usize>max(0, min(width, right) - begin) * pixelBytes;
  let sum: i32 = 0;
  for (let i = max(0, top); i < min(height, bottom); i++) {
    const row = image + <usize>(i * width + begin) * pixelBytes;
    for (let j: usize = 0; j < bytes; j += 64) sum += load<i32>(row + j);
  }
  store<i32>(scratch, sum);
}

export function tilesAcross(kind: i32, width: i32): i32 {
  return (width + targetWidth(kind) - 1) / targetWidth(kind);
}

export function tilesDown(kind: i32, height: i32): i32 {
  return (height + targetHeight(kind) - 1) / targetHeight(kind);
}

/** The points of tiles of the image, which the filter is correlated with from (−top, −left) on. */
export function transformImage(
  kind: i32, image: usize, height: i32, width: i32, c: i32, top: i32, left: i32, across: i32, perImage: i32, first: i32, count: i32, last: i32,
  to: usize, blockWidth: i32, blockBytes: usize, step: usize, scratch: usize,
): void {
  transformTiles(
    kind, false, image, height, width, c, top, left, stepDown(kind), stepRight(kind), imageHeight(kind), imageWidth(kind), across, perImage, first,
    count, last, to, blockWidth, blockBytes, step, scratch,
  );
}

/** The points of tiles of dy, for the filter gradient. */
export function transformSlopes(
  kind: i32, dy: usize, height: i32, width: i32, k: i32, across: i32, perImage: i32, first: i32, count: i32, last: i32, to: usize, blockWidth: i32,
  blockBytes: usize, step: usize, scratch: usize,
): void {
  const high = targetHeight(kind), wide = targetWidth(kind);
  transformTiles(
    kind, true, dy, height, width, k, 0, 0, high, wide, high, wide, across, perImage, first, count, last, to, blockWidth, blockBytes, step, scratch,
  );
}
