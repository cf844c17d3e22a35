import type { Canvas } from './canvas.ts';
import type { Box } from './kernels.ts';

/** Writes `valueOf(channel)` into every sample of `box`, row by row. */
export function erase(canvas: Canvas, { top, left, height, width }: Box, valueOf: (channel: number) => number): void {
  canvas.settle();
  const { data, channels } = canvas;
  const target = canvas.pointwise();
  if (target !== data) target.set(data.subarray(0, canvas.height * canvas.width * channels));
  for (let y = top; y < top + height; y++) {
    let to = (y * canvas.width + left) * channels;
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) target[to++] = valueOf(c);
    }
  }
  canvas.replace(target, canvas.height, canvas.width);
}
