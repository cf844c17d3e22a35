import type { Canvas } from './canvas.ts';

/** Swaps top and bottom. */
export function turnOver(canvas: Canvas): void {
  canvas.settle();
  const { data, height, width, channels } = canvas;
  const stride = width * channels;
  const target = canvas.scratch(height * stride);
  for (let y = 0; y < height; y++) target.set(data.subarray(y * stride, (y + 1) * stride), (height - 1 - y) * stride);
  canvas.replace(target, height, width);
}
