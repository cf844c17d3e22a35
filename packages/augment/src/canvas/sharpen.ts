import type { Canvas } from './canvas.ts';

const { fround } = Math;
const near = fround(1 / 13);
const centre = fround(5 / 13);

/**
 * S + factor·(v − S), S the 3 × 3 mean in which the pixel itself counts five times; pixels of the border have S = v.
 *
 * @see Pillow `ImageEnhance.Sharpness`, `ImageFilter.SMOOTH`
 */
export function sharpen(canvas: Canvas, factor: number): void {
  canvas.settle();
  const { data, height, width, channels } = canvas;
  const stride = width * channels;
  const target = canvas.scratch(height * stride);
  const alpha = fround(factor);
  /** Three neighbours in 32-bit floats, added in Pillow's order. */
  const row = (i: number, middle: number): number =>
    fround(fround(fround(data[i - channels]! * near) + fround(data[i]! * middle)) + fround(data[i + channels]! * near));
  target.set(data.subarray(0, height * stride));
  for (let y = 1; y < height - 1; y++) {
    for (let i = y * stride + channels; i < (y + 1) * stride - channels; i++) {
      const sum = fround(fround(fround(0.5 + row(i + stride, near)) + row(i, centre)) + row(i - stride, near));
      const smooth = Math.min(255, Math.trunc(sum));
      const value = fround(smooth + fround(alpha * (data[i]! - smooth)));
      target[i] = value <= 0 ? 0 : value >= 255 ? 255 : value;
    }
  }
  canvas.replace(target, height, width);
}
