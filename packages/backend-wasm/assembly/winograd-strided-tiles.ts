import { PANELS } from './variant';
import { both, LANES, second } from './winograd-lanes';
import { lineA5, lineBT5, lineG6, lineGT6 } from './winograd-strided-lines';
import { pixel } from './winograd-tiles';

// The transforms of whole tiles for stride 2, four channels at a time or eight: first along the columns, into `lines`, then along
// the rows. Nine points along either axis: five of the outer taps, then four of the middle one.

// @ts-ignore: decorator
@inline
function copy(from: usize, to: usize): void {
  both(to, v128.load(from), second(from));
}

/** `lineBT5` of five places. */
// @ts-ignore: decorator
@inline
function placesBT5(p0: usize, p1: usize, p2: usize, p3: usize, p4: usize, to: usize, step: usize): void {
  const e0 = v128.load(p0), f0 = second(p0), e1 = v128.load(p1), f1 = second(p1), e2 = v128.load(p2), f2 = second(p2);
  const e3 = v128.load(p3), f3 = second(p3), e4 = v128.load(p4), f4 = second(p4);
  lineBT5(e0, e1, e2, e3, e4, f0, f1, f2, f3, f4, to, step);
}

/** Of the forward pass: 9×9 pixels, every second of which the outer taps see → 81 vectors `step` bytes apart. */
export function stridedBT(table: usize, offset: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 9; j++) {
    const t = table + (j << 2), line = lines + j * LANES;
    const p0 = pixel(t, 0, offset), p1 = pixel(t, 18, offset), p2 = pixel(t, 36, offset);
    placesBT5(p0, p1, p2, pixel(t, 54, offset), pixel(t, 72, offset), line, 9 * LANES);
    for (let i: usize = 0; i < 4; i++) copy(pixel(t, 18 * i + 9, offset), line + (5 + i) * 9 * LANES);
  }
  for (let i = 0; i < 9; i++) {
    placesBT5(lines, lines + 2 * LANES, lines + 4 * LANES, lines + 6 * LANES, lines + 8 * LANES, to, step);
    for (let i: usize = 0; i < 4; i++) copy(lines + (2 * i + 1) * LANES, to + (5 + i) * step);
    lines += 9 * LANES;
    to += 9 * step;
  }
}

/** Five places → nine points: all of them, and the first four as they are. */
// @ts-ignore: decorator
@inline
function spread5(p0: usize, p1: usize, p2: usize, p3: usize, p4: usize, to: usize, step: usize): void {
  placesBT5(p0, p1, p2, p3, p4, to, step);
  copy(p0, to + 5 * step);
  copy(p1, to + 6 * step);
  copy(p2, to + 7 * step);
  copy(p3, to + 8 * step);
}

/** Of the input gradient: 5×5 pixels of dy → 81 vectors `step` bytes apart. */
export function spreadBT(table: usize, offset: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 5; j++) {
    const t = table + (j << 2), p0 = pixel(t, 0, offset), p1 = pixel(t, 5, offset), p2 = pixel(t, 10, offset);
    spread5(p0, p1, p2, pixel(t, 15, offset), pixel(t, 20, offset), lines + j * LANES, 5 * LANES);
  }
  for (let i = 0; i < 9; i++) {
    spread5(lines, lines + LANES, lines + 2 * LANES, lines + 3 * LANES, lines + 4 * LANES, to, step);
    lines += 5 * LANES;
    to += 9 * step;
  }
}

/** Four places of dy → nine points: five, and the four as they are. */
// @ts-ignore: decorator
@inline
function slopes4(p0: usize, p1: usize, p2: usize, p3: usize, to: usize, step: usize): void {
  const y0 = v128.load(p0), z0 = second(p0), y1 = v128.load(p1), z1 = second(p1);
  const y2 = v128.load(p2), z2 = second(p2), y3 = v128.load(p3), z3 = second(p3);
  lineA5(y0, y1, y2, y3, z0, z1, z2, z3, to, step);
  both(to + 5 * step, y0, z0);
  both(to + 6 * step, y1, z1);
  both(to + 7 * step, y2, z2);
  both(to + 8 * step, y3, z3);
}

/** Of the filter gradient: 4×4 pixels of dy → 81 vectors `step` bytes apart. */
export function stridedA(table: usize, offset: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 4; j++) {
    const t = table + (j << 2), p0 = pixel(t, 0, offset), p1 = pixel(t, 4, offset);
    slopes4(p0, p1, pixel(t, 8, offset), pixel(t, 12, offset), lines + j * LANES, 4 * LANES);
  }
  for (let i = 0; i < 9; i++) {
    slopes4(lines, lines + LANES, lines + 2 * LANES, lines + 3 * LANES, to, step);
    lines += 4 * LANES;
    to += 9 * step;
  }
}

/** The outer taps' part of output i of four, from five products `gap` bytes apart. */
// @ts-ignore: decorator
@inline
function outer4(p: usize, gap: usize, i: i32): v128 {
  const m1 = v128.load(p + gap), m2 = v128.load(p + 2 * gap), m3 = v128.load(p + 3 * gap);
  if (i == 0) return f32x4.add(f32x4.add(v128.load(p), m1), f32x4.add(m2, m3));
  const two = f32x4.add(m3, m3);
  if (i == 1) return f32x4.add(f32x4.sub(m1, m2), two);
  const four = f32x4.add(two, two);
  if (i == 2) return f32x4.add(f32x4.add(m1, m2), four);
  return f32x4.add(f32x4.add(f32x4.sub(m1, m2), f32x4.add(four, four)), v128.load(p + 4 * gap));
}

/** Aᵀ m A of the forward pass: 81 vectors of products `step` bytes apart → 4×4 outputs side by side. */
export function stridedAT(m: usize, step: usize, lines: usize, to: usize): void {
  const row = 9 * step;
  for (let j: usize = 0; j < 9; j++) {
    for (let i = 0; i < 4; i++) {
      const middle = m + <usize>(5 + i) * row, x = f32x4.add(outer4(m, row, i), v128.load(middle));
      both(lines + (<usize>i * 9 + j) * LANES, x, PANELS == 2 ? f32x4.add(outer4(m + 16, row, i), second(middle)) : x);
    }
    m += step;
  }
  for (let r = 0; r < 4; r++) {
    for (let i = 0; i < 4; i++) {
      const middle = lines + <usize>(5 + i) * LANES, x = f32x4.add(outer4(lines, LANES, i), v128.load(middle));
      both(to, x, PANELS == 2 ? f32x4.add(outer4(lines + 16, LANES, i), second(middle)) : x);
      to += LANES;
    }
    lines += 9 * LANES;
  }
}

/** Of the input gradient: 81 vectors of products → 8×8 pixels side by side, the middle tap's and the outer taps' in turn. */
export function spreadAT(m: usize, step: usize, lines: usize, to: usize): void {
  const row = 9 * step;
  for (let j: usize = 0; j < 9; j++) {
    for (let i = 0; i < 4; i++) {
      const line = lines + (<usize>(2 * i) * 9 + j) * LANES;
      copy(m + <usize>(5 + i) * row, line);
      const x = outer4(m, row, i);
      both(line + 9 * LANES, x, PANELS == 2 ? outer4(m + 16, row, i) : x);
    }
    m += step;
  }
  for (let r = 0; r < 8; r++) {
    for (let i = 0; i < 4; i++) {
      copy(lines + <usize>(5 + i) * LANES, to);
      const x = outer4(lines, LANES, i);
      both(to + LANES, x, PANELS == 2 ? outer4(lines + 16, LANES, i) : x);
      to += 2 * LANES;
    }
    lines += 9 * LANES;
  }
}

/** `lineG6` of three places. */
// @ts-ignore: decorator
@inline
function placesG6(p0: usize, p1: usize, p2: usize, to: usize, step: usize): void {
  const g0 = v128.load(p0), h0 = second(p0), g1 = v128.load(p1), h1 = second(p1);
  lineG6(g0, g1, v128.load(p2), h0, h1, second(p2), to, step);
}

/** G g Gᵀ: 9 vectors `tap` bytes apart → the 36 vectors that differ, `step` bytes apart. */
export function stridedG(g: usize, tap: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 3; j++) {
    placesG6(g, g + 3 * tap, g + 6 * tap, lines + j * LANES, 3 * LANES);
    g += tap;
  }
  for (let i = 0; i < 6; i++) {
    placesG6(lines, lines + LANES, lines + 2 * LANES, to, step);
    lines += 3 * LANES;
    to += 6 * step;
  }
}

/** `lineGT6` of six places. */
// @ts-ignore: decorator
@inline
function placesGT6(p0: usize, p1: usize, p2: usize, p3: usize, p4: usize, p5: usize, to: usize, step: usize): void {
  const u0 = v128.load(p0), w0 = second(p0), u1 = v128.load(p1), w1 = second(p1), u2 = v128.load(p2), w2 = second(p2);
  const u3 = v128.load(p3), w3 = second(p3), u4 = v128.load(p4), w4 = second(p4), u5 = v128.load(p5), w5 = second(p5);
  lineGT6(u0, u1, u2, u3, u4, u5, w0, w1, w2, w3, w4, w5, to, step);
}

/** Gᵀ u G: 36 vectors `step` bytes apart → 9 vectors `tap` bytes apart. */
export function stridedGT(u: usize, step: usize, lines: usize, to: usize, tap: usize): void {
  const row = 6 * step;
  for (let j: usize = 0; j < 6; j++) {
    const u2 = u + 2 * row, u4 = u2 + 2 * row;
    placesGT6(u, u + row, u2, u2 + row, u4, u4 + row, lines + j * LANES, 6 * LANES);
    u += step;
  }
  for (let i = 0; i < 3; i++) {
    placesGT6(lines, lines + LANES, lines + 2 * LANES, lines + 3 * LANES, lines + 4 * LANES, lines + 5 * LANES, to, tap);
    lines += 6 * LANES;
    to += 3 * tap;
  }
}
