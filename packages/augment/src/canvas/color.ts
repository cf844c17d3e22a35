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
    target[i] = clamp8(Math.fround(grey + scaled[red + offset]!) | 0);
    target[i + 1] = clamp8(Math.fround(grey + scaled[green + offset]!) | 0);
    target[i + 2] = clamp8(Math.fround(grey + scaled[blue + offset]!) | 0);
  }
  canvas.replace(target, height, width);
}

/** Cut off to 0–255; without branches, as it is not predictable which pixels need it. */
function clamp8(value: number): number {
  const excess = value - 255;
  return (value - (excess & ~(excess >> 31))) & ~(value >> 31);
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
