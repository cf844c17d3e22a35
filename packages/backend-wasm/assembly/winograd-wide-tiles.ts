import { lineA, lineAT, lineBT, lineG, lineGT } from './winograd-lines';
import { at, PIXEL } from './winograd-tiles';
import { lineA10, lineAT10, lineBT10, lineG10, lineGT10 } from './winograd-wide-lines';

// The transforms of tiles with 4×8 outputs, four channels at a time: F(4, 3) along the columns, into `lines`, then F(8, 3)
// along the rows.

/** Bᵀ d B: 6×10 pixels → 60 vectors `step` bytes apart. */
export function wideBT(pixels: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 10; j++) {
    const t = pixels + j * PIXEL;
    const d0 = at(t, 0), d1 = at(t, 10), d2 = at(t, 20);
    const d3 = at(t, 30), d4 = at(t, 40), d5 = at(t, 50);
    lineBT(d0, d1, d2, d3, d4, d5, lines + (j << 4), 160);
  }
  for (let i = 0; i < 6; i++) {
    lineBT10(lines, to, step);
    lines += 160;
    to += 10 * step;
  }
}

/** A y Aᵀ: 4×8 pixels → 60 vectors `step` bytes apart. */
export function wideA(pixels: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 8; j++) {
    const t = pixels + j * PIXEL;
    lineA(at(t, 0), at(t, 8), at(t, 16), at(t, 24), lines + (j << 4), 128);
  }
  for (let i = 0; i < 6; i++) {
    lineA10(lines, to, step);
    lines += 128;
    to += 10 * step;
  }
}

/** Aᵀ m A: 60 vectors `step` bytes apart → 4 rows, `rowBytes` apart, of 8 vectors `pixelBytes` apart. */
export function wideAT(m: usize, step: usize, lines: usize, to: usize, rowBytes: usize, pixelBytes: usize): void {
  const row = 10 * step;
  for (let j: usize = 0; j < 10; j++) {
    let p = m;
    const m0 = v128.load(p);
    p += row;
    const m1 = v128.load(p);
    p += row;
    const m2 = v128.load(p);
    p += row;
    const m3 = v128.load(p);
    p += row;
    const m4 = v128.load(p);
    p += row;
    lineAT(m0, m1, m2, m3, m4, v128.load(p), lines + (j << 4), 160);
    m += step;
  }
  for (let i = 0; i < 4; i++) {
    lineAT10(lines, to, pixelBytes);
    lines += 160;
    to += rowBytes;
  }
}

/** G g Gᵀ: 9 vectors `tap` bytes apart → 60 vectors `step` bytes apart. */
export function wideG(g: usize, tap: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 3; j++) {
    lineG(v128.load(g), v128.load(g + 3 * tap), v128.load(g + 6 * tap), lines + (j << 4), 48);
    g += tap;
  }
  for (let i = 0; i < 6; i++) {
    lineG10(v128.load(lines), v128.load(lines, 16), v128.load(lines, 32), to, step);
    lines += 48;
    to += 10 * step;
  }
}

/** Gᵀ u G: 60 vectors `step` bytes apart → 9 vectors side by side. */
export function wideGT(u: usize, step: usize, lines: usize, to: usize): void {
  const row = 10 * step;
  for (let j: usize = 0; j < 10; j++) {
    const u0 = v128.load(u), u1 = v128.load(u + row), u2 = v128.load(u + 2 * row);
    lineGT(u0, u1, u2, v128.load(u + 3 * row), v128.load(u + 4 * row), v128.load(u + 5 * row), lines + (j << 4), 160);
    u += step;
  }
  for (let i = 0; i < 3; i++) {
    lineGT10(lines, to);
    lines += 160;
    to += 48;
  }
}
