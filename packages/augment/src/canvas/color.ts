import type { Canvas } from './canvas.ts';
import { luma } from './tone.ts';

/** factor·d for every difference d of two samples, at d + 255. */
const scaled = new Float32Array(511);

/**
 * Every pixel ← L + factor·(pixel − L), L its grey value; 32-bit floats, cut off and truncated as Pillow's `Image.blend`.
 * Three channels.
 */
export function adjustSaturation(canvas: Canvas, factor: number): void {
  const { data, height, width, table } = canvas;
  const target = canvas.pointwise();
  const samples = height * width * 3;
  const alpha = Math.fround(factor);
  for (let d = -255; d <= 255; d++) scaled[d + 255] = alpha * d;
  for (let i = 0; i < samples; i += 3) {
    const red = table[data[i]!]!;
    const green = table[data[i + 1]!]!;
    const blue = table[data[i + 2]!]!;
    const grey = luma(red, green, blue);
    const offset = 255 - grey;
    target[i] = truncate8(grey, scaled[red + offset]!);
    target[i + 1] = truncate8(grey, scaled[green + offset]!);
    target[i + 2] = truncate8(grey, scaled[blue + offset]!);
  }
  canvas.replace(target, height, width);
}

function truncate8(grey: number, step: number): number {
  const value = Math.fround(grey + step);
  return value <= 0 ? 0 : value >= 255 ? 255 : value | 0;
}

/** Every pixel ← its grey value in all three channels. */
export function toGrey(canvas: Canvas): void {
  const { data, height, width, table } = canvas;
  const target = canvas.pointwise();
  const samples = height * width * 3;
  for (let i = 0; i < samples; i += 3) {
    const grey = luma(table[data[i]!]!, table[data[i + 1]!]!, table[data[i + 2]!]!);
    target[i] = grey;
    target[i + 1] = grey;
    target[i + 2] = grey;
  }
  canvas.replace(target, height, width);
}
