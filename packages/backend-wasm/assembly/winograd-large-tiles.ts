import { LANES } from './winograd-lanes';
import { pixel } from './winograd-tiles';
import { lineAT10, lineG10, lineGT10, placesA10, placesBT10, sideA10, sideBT10 } from './winograd-wide-lines';

// The transforms of tiles with 8×8 outputs, four channels at a time or eight: F(8, 3) along the columns, into `lines`, then along the rows.

/** Bᵀ d B: 10×10 pixels → 100 vectors `step` bytes apart. */
export function largeBT(table: usize, offset: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 10; j++) {
    const t = table + (j << 2), p0 = pixel(t, 0, offset), p1 = pixel(t, 10, offset), p2 = pixel(t, 20, offset), p3 = pixel(t, 30, offset);
    const p4 = pixel(t, 40, offset), p5 = pixel(t, 50, offset), p6 = pixel(t, 60, offset), p7 = pixel(t, 70, offset);
    placesBT10(p0, p1, p2, p3, p4, p5, p6, p7, pixel(t, 80, offset), pixel(t, 90, offset), lines + j * LANES, 10 * LANES);
  }
  for (let i = 0; i < 10; i++) {
    sideBT10(lines, to, step);
    lines += 10 * LANES;
    to += 10 * step;
  }
}

/** A y Aᵀ: 8×8 pixels → 100 vectors `step` bytes apart. */
export function largeA(table: usize, offset: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 8; j++) {
    const t = table + (j << 2), p0 = pixel(t, 0, offset), p1 = pixel(t, 8, offset), p2 = pixel(t, 16, offset), p3 = pixel(t, 24, offset);
    const p4 = pixel(t, 32, offset), p5 = pixel(t, 40, offset);
    placesA10(p0, p1, p2, p3, p4, p5, pixel(t, 48, offset), pixel(t, 56, offset), lines + j * LANES, 8 * LANES);
  }
  for (let i = 0; i < 10; i++) {
    sideA10(lines, to, step);
    lines += 8 * LANES;
    to += 10 * step;
  }
}

/** Aᵀ m A: 100 vectors `step` bytes apart → 8 rows, `rowBytes` apart, of 8 vectors `pixelBytes` apart. */
export function largeAT(m: usize, step: usize, lines: usize, to: usize, rowBytes: usize, pixelBytes: usize): void {
  for (let j: usize = 0; j < 10; j++) {
    lineAT10(m, 10 * step, lines + j * LANES, 10 * LANES);
    m += step;
  }
  for (let i = 0; i < 8; i++) {
    lineAT10(lines, LANES, to, pixelBytes);
    lines += 10 * LANES;
    to += rowBytes;
  }
}

/** G g Gᵀ: 9 vectors `tap` bytes apart → 100 vectors `step` bytes apart. */
export function largeG(g: usize, tap: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 3; j++) {
    lineG10(g, 3 * tap, lines + j * LANES, 3 * LANES);
    g += tap;
  }
  for (let i = 0; i < 10; i++) {
    lineG10(lines, LANES, to, step);
    lines += 3 * LANES;
    to += 10 * step;
  }
}

/** Gᵀ u G: 100 vectors `step` bytes apart → 9 vectors `tap` bytes apart. */
export function largeGT(u: usize, step: usize, lines: usize, to: usize, tap: usize): void {
  for (let j: usize = 0; j < 10; j++) {
    lineGT10(u, 10 * step, lines + j * LANES, 10 * LANES);
    u += step;
  }
  for (let i = 0; i < 3; i++) {
    lineGT10(lines, LANES, to, tap);
    lines += 10 * LANES;
    to += 3 * tap;
  }
}
