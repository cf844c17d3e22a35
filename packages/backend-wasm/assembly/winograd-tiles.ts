import { lineA, lineAT, lineBT, lineG, lineGT } from './winograd-lines';

// The transforms of whole tiles, four channels at a time: first along the columns, into `lines`, then along the rows.

/** Bytes of `lines`, enough for every kind of tile. */
export const LINES: usize = 81 * 16;
/** Bytes from one pixel of a tile to the next. */
export const PIXEL: usize = 64;

/** Pixel `i` from `pixels` on. */
// @ts-ignore: decorator
@inline
export function at(pixels: usize, i: usize): v128 {
  return v128.load(pixels + i * PIXEL);
}

/** Bᵀ d B: 6×6 pixels → 36 vectors `step` bytes apart. */
export function tileBT(pixels: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 6; j++) {
    const t = pixels + j * PIXEL;
    const d0 = at(t, 0), d1 = at(t, 6), d2 = at(t, 12);
    const d3 = at(t, 18), d4 = at(t, 24), d5 = at(t, 30);
    lineBT(d0, d1, d2, d3, d4, d5, lines + (j << 4), 96);
  }
  for (let i = 0; i < 6; i++) {
    const d0 = v128.load(lines), d1 = v128.load(lines, 16), d2 = v128.load(lines, 32);
    const d3 = v128.load(lines, 48), d4 = v128.load(lines, 64), d5 = v128.load(lines, 80);
    lineBT(d0, d1, d2, d3, d4, d5, to, step);
    lines += 96;
    to += 6 * step;
  }
}

/** A y Aᵀ: 4×4 pixels → 36 vectors `step` bytes apart. */
export function tileA(pixels: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 4; j++) {
    const t = pixels + j * PIXEL;
    lineA(at(t, 0), at(t, 4), at(t, 8), at(t, 12), lines + (j << 4), 64);
  }
  for (let i = 0; i < 6; i++) {
    lineA(v128.load(lines), v128.load(lines, 16), v128.load(lines, 32), v128.load(lines, 48), to, step);
    lines += 64;
    to += 6 * step;
  }
}

/** The columns of Aᵀ m A: 36 vectors `step` bytes apart → 4×6 in `lines`; `rowAT` gives the rest. */
export function columnsAT(m: usize, step: usize, lines: usize): void {
  const row = 6 * step;
  for (let j: usize = 0; j < 6; j++) {
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
    lineAT(m0, m1, m2, m3, m4, v128.load(p), lines + (j << 4), 96);
    m += step;
  }
}

/** Row `i` of Aᵀ m A: 4 vectors `step` bytes apart. */
export function rowAT(lines: usize, i: i32, to: usize, step: usize): void {
  const p = lines + <usize>(96 * i);
  const m0 = v128.load(p), m1 = v128.load(p, 16), m2 = v128.load(p, 32);
  lineAT(m0, m1, m2, v128.load(p, 48), v128.load(p, 64), v128.load(p, 80), to, step);
}

/** G g Gᵀ: 9 vectors `tap` bytes apart → 36 vectors `step` bytes apart. */
export function tileG(g: usize, tap: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 3; j++) {
    lineG(v128.load(g), v128.load(g + 3 * tap), v128.load(g + 6 * tap), lines + (j << 4), 48);
    g += tap;
  }
  for (let i = 0; i < 6; i++) {
    lineG(v128.load(lines), v128.load(lines, 16), v128.load(lines, 32), to, step);
    lines += 48;
    to += 6 * step;
  }
}

/** Gᵀ u G: 36 vectors `step` bytes apart → 9 vectors side by side. */
export function tileGT(u: usize, step: usize, lines: usize, to: usize): void {
  const row = 6 * step;
  for (let j: usize = 0; j < 6; j++) {
    let p = u;
    const u0 = v128.load(p);
    p += row;
    const u1 = v128.load(p);
    p += row;
    const u2 = v128.load(p);
    p += row;
    const u3 = v128.load(p);
    p += row;
    const u4 = v128.load(p);
    p += row;
    lineGT(u0, u1, u2, u3, u4, v128.load(p), lines + (j << 4), 96);
    u += step;
  }
  for (let i = 0; i < 3; i++) {
    const u0 = v128.load(lines), u1 = v128.load(lines, 16), u2 = v128.load(lines, 32);
    lineGT(u0, u1, u2, v128.load(lines, 48), v128.load(lines, 64), v128.load(lines, 80), to, 16);
    lines += 96;
    to += 48;
  }
}
