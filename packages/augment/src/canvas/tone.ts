import type { Canvas } from './canvas.ts';

/** The mean of the grey image (of all samples unless there are three channels), rounded to the nearest. */
function greyMean(canvas: Canvas): number {
  const { data, height, width, channels, table } = canvas;
  if (channels === 3) return Math.floor(canvas.kernels.greySum(canvas) / (height * width) + 0.5);
  const samples = height * width * channels;
  let sum = 0;
  for (let i = 0; i < samples; i++) sum += table[data[i]!]!;
  return Math.floor(sum / samples + 0.5);
}

/** The curve base + factor·(v − base), cut off to 0–255 and truncated, in 32-bit floats as Pillow's `Image.blend`. */
function blendFrom(canvas: Canvas, base: number, factor: number): void {
  const { curve } = canvas;
  const alpha = Math.fround(factor);
  for (let v = 0; v < 256; v++) {
    const value = Math.fround(base + Math.fround(alpha * (v - base)));
    curve[v] = value <= 0 ? 0 : value >= 255 ? 255 : value;
  }
  canvas.tone(curve);
}

/** v ← factor·v. */
export function adjustBrightness(canvas: Canvas, factor: number): void {
  blendFrom(canvas, 0, factor);
}

/** v ← m + factor·(v − m), m the rounded mean grey value of the picture. */
export function adjustContrast(canvas: Canvas, factor: number): void {
  blendFrom(canvas, greyMean(canvas), factor);
}

/** v ← 255 − v where v ≥ threshold, threshold in 0–1 of full scale. */
export function solarizeTones(canvas: Canvas, threshold: number): void {
  const { curve } = canvas;
  const limit = threshold * 255;
  for (let v = 0; v < 256; v++) curve[v] = v < limit ? v : 255 - v;
  canvas.tone(curve);
}
