import { LANES } from './winograd-lanes';
import { pixel, placesA, placesAT, placesBT, placesG, placesGT } from './winograd-tiles';
import { lineAT10, lineG10, lineGT10, sideA10, sideBT10 } from './winograd-wide-lines';

// The transforms of tiles with 4×8 outputs, four channels at a time or eight: F(4, 3) along the columns, into `lines`, then F(8, 3)
// along the rows.

/** Bᵀ d B: 6×10 pixels → 60 vectors `step` bytes apart. */
export function wideBT(table: usize, offset: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 10; j++) {
    const t = table + (j << 2);
    const p0 = pixel(t, 0, offset), p1 = pixel(t, 10, offset), p2 = pixel(t, 20, offset);
    placesBT(p0, p1, p2, pixel(t, 30, offset), pixel(t, 40, offset), pixel(t, 50, offset), lines + j * LANES, 10 * LANES);
  }
  for (let i = 0; i < 6; i++) {
    sideBT10(lines, to, step);
    lines += 10 * LANES;
    to += 10 * step;
  }
}

/** A y Aᵀ: 4×8 pixels → 60 vectors `step` bytes apart. */
export function wideA(table: usize, offset: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 8; j++) {
    const t = table + (j << 2);
    placesA(pixel(t, 0, offset), pixel(t, 8, offset), pixel(t, 16, offset), pixel(t, 24, offset), lines + j * LANES, 8 * LANES);
  }
  for (let i = 0; i < 6; i++) {
    sideA10(lines, to, step);
    lines += 8 * LANES;
    to += 10 * step;
  }
}

/** Aᵀ m A: 60 vectors `step` bytes apart → 4 rows, `rowBytes` apart, of 8 vectors `pixelBytes` apart. */
export function wideAT(m: usize, step: usize, lines: usize, to: usize, rowBytes: usize, pixelBytes: usize): void {
  const row = 10 * step;
  for (let j: usize = 0; j < 10; j++) {
    const m2 = m + 2 * row, m4 = m2 + 2 * row;
    placesAT(m, m + row, m2, m2 + row, m4, m4 + row, lines + j * LANES, 10 * LANES);
    m += step;
  }
  for (let i = 0; i < 4; i++) {
    lineAT10(lines, LANES, to, pixelBytes);
    lines += 10 * LANES;
    to += rowBytes;
  }
}

/** G g Gᵀ: 9 vectors `tap` bytes apart → 60 vectors `step` bytes apart. */
export function wideG(g: usize, tap: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 3; j++) {
    placesG(g, g + 3 * tap, g + 6 * tap, lines + j * LANES, 3 * LANES);
    g += tap;
  }
  for (let i = 0; i < 6; i++) {
    lineG10(lines, LANES, to, step);
    lines += 3 * LANES;
    to += 10 * step;
  }
}

/** Gᵀ u G: 60 vectors `step` bytes apart → 9 vectors `tap` bytes apart. */
export function wideGT(u: usize, step: usize, lines: usize, to: usize, tap: usize): void {
  const row = 10 * step;
  for (let j: usize = 0; j < 10; j++) {
    const u2 = u + 2 * row, u4 = u2 + 2 * row;
    placesGT(u, u + row, u2, u2 + row, u4, u4 + row, lines + j * LANES, 10 * LANES);
    u += step;
  }
  for (let i = 0; i < 3; i++) {
    lineGT10(lines, LANES, to, tap);
    lines += 10 * LANES;
    to += 3 * tap;
  }
}
