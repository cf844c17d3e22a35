import { lineA5, lineBT5, lineG6, lineGT6 } from './winograd-strided-lines';
import { at, PIXEL } from './winograd-tiles';

// The transforms of whole tiles for stride 2, four channels at a time: first along the columns, into `lines`, then along
// the rows. Nine points along either axis: five of the outer taps, then four of the middle one.

// @ts-ignore: decorator
@inline
function copy(from: usize, to: usize): void {
  v128.store(to, v128.load(from));
}

/** Nine values `gap` bytes apart from `p` on → nine points `step` bytes apart; even positions are the outer taps'. */
// @ts-ignore: decorator
@inline
function split9(p: usize, gap: usize, to: usize, step: usize): void {
  const e0 = v128.load(p), e1 = v128.load(p + 2 * gap), e2 = v128.load(p + 4 * gap), e3 = v128.load(p + 6 * gap);
  lineBT5(e0, e1, e2, e3, v128.load(p + 8 * gap), to, step);
  for (let i: usize = 0; i < 4; i++) copy(p + (2 * i + 1) * gap, to + (5 + i) * step);
}

/** Of the forward pass: 9×9 pixels, every second of which the outer taps see → 81 vectors `step` bytes apart. */
export function stridedBT(pixels: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 9; j++) {
    const t = pixels + j * PIXEL, line = lines + (j << 4);
    lineBT5(at(t, 0), at(t, 18), at(t, 36), at(t, 54), at(t, 72), line, 144);
    for (let i: usize = 0; i < 4; i++) v128.store(line + (5 + i) * 144, at(t, 18 * i + 9));
  }
  for (let i = 0; i < 9; i++) {
    split9(lines, 16, to, step);
    lines += 144;
    to += 9 * step;
  }
}

/** Five values `gap` bytes apart → nine points: all of them, and the first four as they are. */
// @ts-ignore: decorator
@inline
function spread5(e0: v128, e1: v128, e2: v128, e3: v128, e4: v128, to: usize, step: usize): void {
  lineBT5(e0, e1, e2, e3, e4, to, step);
  v128.store(to + 5 * step, e0);
  v128.store(to + 6 * step, e1);
  v128.store(to + 7 * step, e2);
  v128.store(to + 8 * step, e3);
}

/** Of the input gradient: 5×5 pixels of dy → 81 vectors `step` bytes apart. */
export function spreadBT(pixels: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 5; j++) {
    const t = pixels + j * PIXEL;
    spread5(at(t, 0), at(t, 5), at(t, 10), at(t, 15), at(t, 20), lines + (j << 4), 80);
  }
  for (let i = 0; i < 9; i++) {
    spread5(v128.load(lines), v128.load(lines, 16), v128.load(lines, 32), v128.load(lines, 48), v128.load(lines, 64), to, step);
    lines += 80;
    to += 9 * step;
  }
}

/** Of the filter gradient: 4×4 pixels of dy → 81 vectors `step` bytes apart. */
export function stridedA(pixels: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 4; j++) {
    const t = pixels + j * PIXEL, line = lines + (j << 4);
    const y0 = at(t, 0), y1 = at(t, 4), y2 = at(t, 8), y3 = at(t, 12);
    lineA5(y0, y1, y2, y3, line, 64);
    v128.store(line, y0, 5 * 64);
    v128.store(line, y1, 6 * 64);
    v128.store(line, y2, 7 * 64);
    v128.store(line, y3, 8 * 64);
  }
  for (let i = 0; i < 9; i++) {
    const y0 = v128.load(lines), y1 = v128.load(lines, 16), y2 = v128.load(lines, 32), y3 = v128.load(lines, 48);
    lineA5(y0, y1, y2, y3, to, step);
    v128.store(to + 5 * step, y0);
    v128.store(to + 6 * step, y1);
    v128.store(to + 7 * step, y2);
    v128.store(to + 8 * step, y3);
    lines += 64;
    to += 9 * step;
  }
}

/** The outer taps' part of four outputs, from five products `gap` bytes apart; output i goes `step`·i bytes from `to`. */
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
      const middle = v128.load(m + <usize>(5 + i) * row);
      v128.store(lines + (<usize>i * 9 + j) * 16, f32x4.add(outer4(m, row, i), middle));
    }
    m += step;
  }
  for (let r = 0; r < 4; r++) {
    for (let i = 0; i < 4; i++) {
      v128.store(to, f32x4.add(outer4(lines, 16, i), v128.load(lines + <usize>((5 + i) << 4))));
      to += 16;
    }
    lines += 144;
  }
}

/** Of the input gradient: 81 vectors of products → 8×8 pixels side by side, the middle tap's and the outer taps' in turn. */
export function spreadAT(m: usize, step: usize, lines: usize, to: usize): void {
  const row = 9 * step;
  for (let j: usize = 0; j < 9; j++) {
    for (let i = 0; i < 4; i++) {
      const line = lines + (<usize>(2 * i) * 9 + j) * 16;
      copy(m + <usize>(5 + i) * row, line);
      v128.store(line, outer4(m, row, i), 144);
    }
    m += step;
  }
  for (let r = 0; r < 8; r++) {
    for (let i = 0; i < 4; i++) {
      copy(lines + <usize>((5 + i) << 4), to);
      v128.store(to, outer4(lines, 16, i), 16);
      to += 32;
    }
    lines += 144;
  }
}

/** G g Gᵀ: 9 vectors `tap` bytes apart → the 36 vectors that differ, `step` bytes apart. */
export function stridedG(g: usize, tap: usize, lines: usize, to: usize, step: usize): void {
  for (let j: usize = 0; j < 3; j++) {
    lineG6(v128.load(g), v128.load(g + 3 * tap), v128.load(g + 6 * tap), lines + (j << 4), 48);
    g += tap;
  }
  for (let i = 0; i < 6; i++) {
    lineG6(v128.load(lines), v128.load(lines, 16), v128.load(lines, 32), to, step);
    lines += 48;
    to += 6 * step;
  }
}

/** Gᵀ u G: 36 vectors `step` bytes apart → 9 vectors side by side. */
export function stridedGT(u: usize, step: usize, lines: usize, to: usize): void {
  const row = 6 * step;
  for (let j: usize = 0; j < 6; j++) {
    const u0 = v128.load(u), u1 = v128.load(u + row), u2 = v128.load(u + 2 * row);
    lineGT6(u0, u1, u2, v128.load(u + 3 * row), v128.load(u + 4 * row), v128.load(u + 5 * row), lines + (j << 4), 96);
    u += step;
  }
  for (let i = 0; i < 3; i++) {
    const u0 = v128.load(lines), u1 = v128.load(lines, 16), u2 = v128.load(lines, 32);
    lineGT6(u0, u1, u2, v128.load(lines, 48), v128.load(lines, 64), v128.load(lines, 80), to, 16);
    lines += 96;
    to += 48;
  }
}
