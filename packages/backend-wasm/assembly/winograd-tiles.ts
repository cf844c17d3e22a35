import { LANES, second } from './winograd-lanes';
import { lineA, lineAT, lineBT, lineG, lineGT } from './winograd-lines';

// The transforms of whole tiles, four channels at a time or eight (see winograd-lanes.ts): first along the columns, into `lines`, then along the rows.

/** Bytes of `lines`, enough for every kind of tile. */
export const LINES: usize = 100 * 32;

/** Where the channels `offset` bytes into pixel `i` of a table stand. */
// @ts-ignore: decorator
@inline
export function pixel(table: usize, i: usize, offset: usize): usize {
  return <usize>load<u32>(table + (i << 2)) + offset;
}

/** `lineBT` of six places. */
// @ts-ignore: decorator
@inline
export function placesBT(p0: usize, p1: usize, p2: usize, p3: usize, p4: usize, p5: usize, to: usize, step: usize): void {
  const d0 = v128.load(p0), e0 = second(p0), d1 = v128.load(p1), e1 = second(p1), d2 = v128.load(p2), e2 = second(p2);
  const d3 = v128.load(p3), e3 = second(p3), d4 = v128.load(p4), e4 = second(p4), d5 = v128.load(p5), e5 = second(p5);
  lineBT(d0, d1, d2, d3, d4, d5, e0, e1, e2, e3, e4, e5, to, step);
}

/** `lineAT` of six places. */
// @ts-ignore: decorator
@inline
export function placesAT(p0: usize, p1: usize, p2: usize, p3: usize, p4: usize, p5: usize, to: usize, step: usize): void {
  const m0 = v128.load(p0), n0 = second(p0), m1 = v128.load(p1), n1 = second(p1), m2 = v128.load(p2), n2 = second(p2);
  const m3 = v128.load(p3), n3 = second(p3), m4 = v128.load(p4), n4 = second(p4), m5 = v128.load(p5), n5 = second(p5);
  lineAT(m0, m1, m2, m3, m4, m5, n0, n1, n2, n3, n4, n5, to, step);
}

/** `lineA` of four places. */
// @ts-ignore: decorator
@inline
export function placesA(p0: usize, p1: usize, p2: usize, p3: usize, to: usize, step: usize): void {
  const y0 = v128.load(p0), z0 = second(p0), y1 = v128.load(p1), z1 = second(p1);
  const y2 = v128.load(p2), z2 = second(p2), y3 = v128.load(p3), z3 = second(p3);
  lineA(y0, y1, y2, y3, z0, z1, z2, z3, to, step);
}

/** `lineG` of three places. */
// @ts-ignore: decorator
@inline
export function placesG(p0: usize, p1: usize, p2: usize, to: usize, step: usize): void {
  const g0 = v128.load(p0), h0 = second(p0), g1 = v128.load(p1), h1 = second(p1);
  lineG(g0, g1, v128.load(p2), h0, h1, second(p2), to, step);
}

/** `lineGT` of six places. */
// @ts-ignore: decorator
@inline
export function placesGT(p0: usize, p1: usize, p2: usize, p3: usize, p4: usize, p5: usize, to: usize, step: usize): void {
  const u0 = v128.load(p0), w0 = second(p0), u1 = v128.load(p1), w1 = second(p1), u2 = v128.load(p2), w2 = second(p2);
  const u3 = v128.load(p3), w3 = second(p3), u4 = v128.load(p4), w4 = second(p4), u5 = v128.load(p5), w5 = second(p5);
  lineGT(u0, u1, u2, u3, u4, u5, w0, w1, w2, w3, w4, w5, to, step);
}

/** Bᵀ d B: 6×6 pixels → 36 vectors `step` bytes apart. */
export function tileBT(table: usize, offset: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 6; j++) {
    const t = table + (j << 2);
    const p0 = pixel(t, 0, offset), p1 = pixel(t, 6, offset), p2 = pixel(t, 12, offset);
    placesBT(p0, p1, p2, pixel(t, 18, offset), pixel(t, 24, offset), pixel(t, 30, offset), lines + j * LANES, 6 * LANES);
  }
  for (let i = 0; i < 6; i++) {
    placesBT(lines, lines + LANES, lines + 2 * LANES, lines + 3 * LANES, lines + 4 * LANES, lines + 5 * LANES, to, step);
    lines += 6 * LANES;
    to += 6 * step;
  }
}

/** A y Aᵀ: 4×4 pixels → 36 vectors `step` bytes apart. */
export function tileA(table: usize, offset: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 4; j++) {
    const t = table + (j << 2);
    placesA(pixel(t, 0, offset), pixel(t, 4, offset), pixel(t, 8, offset), pixel(t, 12, offset), lines + j * LANES, 4 * LANES);
  }
  for (let i = 0; i < 6; i++) {
    placesA(lines, lines + LANES, lines + 2 * LANES, lines + 3 * LANES, to, step);
    lines += 4 * LANES;
    to += 6 * step;
  }
}

/** The columns of Aᵀ m A: 36 vectors `step` bytes apart → 4×6 in `lines`; `rowAT` gives the rest. */
export function columnsAT(m: usize, step: usize, lines: usize): void {
  const row = 6 * step;
  for (let j: usize = 0; j < 6; j++) {
    const m2 = m + 2 * row, m4 = m2 + 2 * row;
    placesAT(m, m + row, m2, m2 + row, m4, m4 + row, lines + j * LANES, 6 * LANES);
    m += step;
  }
}

/** Row `i` of Aᵀ m A: 4 vectors `step` bytes apart. */
export function rowAT(lines: usize, i: i32, to: usize, step: usize): void {
  const p = lines + <usize>(6 * i) * LANES;
  placesAT(p, p + LANES, p + 2 * LANES, p + 3 * LANES, p + 4 * LANES, p + 5 * LANES, to, step);
}

/** G g Gᵀ: 9 vectors `tap` bytes apart → 36 vectors `step` bytes apart. */
export function tileG(g: usize, tap: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 3; j++) {
    placesG(g, g + 3 * tap, g + 6 * tap, lines + j * LANES, 3 * LANES);
    g += tap;
  }
  for (let i = 0; i < 6; i++) {
    placesG(lines, lines + LANES, lines + 2 * LANES, to, step);
    lines += 3 * LANES;
    to += 6 * step;
  }
}

/** Gᵀ u G: 36 vectors `step` bytes apart → 9 vectors `tap` bytes apart. */
export function tileGT(u: usize, step: usize, lines: usize, to: usize, tap: usize): void {
  const row = 6 * step;
  for (let j: usize = 0; j < 6; j++) {
    const u2 = u + 2 * row, u4 = u2 + 2 * row;
    placesGT(u, u + row, u2, u2 + row, u4, u4 + row, lines + j * LANES, 6 * LANES);
    u += step;
  }
  for (let i = 0; i < 3; i++) {
    placesGT(lines, lines + LANES, lines + 2 * LANES, lines + 3 * LANES, lines + 4 * LANES, lines + 5 * LANES, to, tap);
    lines += 6 * LANES;
    to += 3 * tap;
  }
}
