import type { Canvas } from './canvas.ts';
import { bilinearMap, nearestMap } from './warp-map.ts';
import type { AffineMatrix } from './warp-map.ts';

/** How a warp reads between pixels. Neither averages when it shrinks. */
export type WarpInterpolation = 'nearest' | 'bilinear';

/** Transforms the picture without changing its size; `fill` has a value per channel for what comes from outside. */
export function warp(canvas: Canvas, matrix: AffineMatrix, interpolation: WarpInterpolation, fill: readonly number[]): void {
  canvas.settle();
  const { data, height, width, channels } = canvas;
  const target = canvas.scratch(height * width * channels);
  const bilinear = interpolation === 'bilinear';
  const { from, right, down, dx, dy } = bilinear ? bilinearMap(matrix, canvas) : nearestMap(matrix, canvas);
  for (let i = 0, to = 0; i < from.length; i++) {
    const at = from[i]! * channels;
    if (at < 0) {
      for (let c = 0; c < channels; c++) target[to++] = fill[c]!;
    } else if (!bilinear) {
      for (let c = 0; c < channels; c++) target[to++] = data[at + c]!;
    } else {
      const across = right[i]! * channels;
      const below = at + down[i]! * channels;
      for (let c = 0; c < channels; c++) {
        const upper = data[at + c]! + (data[at + across + c]! - data[at + c]!) * dx[i]!;
        const lower = data[below + c]! + (data[below + across + c]! - data[below + c]!) * dx[i]!;
        target[to++] = Math.trunc(upper + (lower - upper) * dy[i]!);
      }
    }
  }
  canvas.replace(target, height, width);
}
