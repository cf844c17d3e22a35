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

const curve = new Uint8Array(256);

/** The curve base + factor·(v − base), cut off to 0–255 and truncated, in 32-bit floats as Pillow's `Image.blend`. Valid until the next call. */
export function blendCurve(base: number, factor: number): Uint8Array {
  const alpha = Math.fround(factor);
  for (let v = 0; v < 256; v++) {
    const value = Math.fround(base + Math.fround(alpha * (v - base)));
    curve[v] = value <= 0 ? 0 : value >= 255 ? 255 : value;
  }
  return curve;
}

/** v ← m + factor·(v − m), m the rounded mean grey value of the picture. */
export function adjustContrast(canvas: Canvas, factor: number): void {
  canvas.tone(blendCurve(greyMean(canvas), factor));
}
