import type { Canvas } from './canvas.ts';

/**
 * A grey value in 16-bit fixed point, .299·R + .587·G + .114·B rounded to the nearest (ITU-R 601).
 * @see Pillow `src/libImaging/Convert.c`, `L24`
 */
function luma(red: number, green: number, blue: number): number {
  return (Math.imul(red, 19595) + Math.imul(green, 38470) + Math.imul(blue, 7471) + 0x8000) >> 16;
}

/** The sum of all grey values. Three channels. */
export function greySum({ data, height, width, table }: Canvas): number {
  const samples = height * width * 3;
  let sum = 0;
  for (let i = 0; i < samples; i += 3) sum += luma(table[data[i]!]!, table[data[i + 1]!]!, table[data[i + 2]!]!);
  return sum;
}

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
