import type { Canvas } from './canvas.ts';
import type { Box } from './kernels.ts';

/**
 * What lies outside of the image: `constant` a fill, `edge` the nearest pixel, `reflect` the image mirrored at its border pixels,
 * `symmetric` mirrored with the border pixels repeated.
 */
export type PaddingMode = 'constant' | 'edge' | 'reflect' | 'symmetric';

/** For each of `count` positions from `start` on: the position in 0 … length − 1 that stands there, or −1 for the fill. */
export function paddedPositions(start: number, count: number, length: number, mode: PaddingMode): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => {
    const at = start + i;
    if (at >= 0 && at < length) return at;
    if (mode === 'constant') return -1;
    if (mode === 'edge' || length === 1) return at < 0 ? 0 : length - 1;
    const period = mode === 'reflect' ? 2 * (length - 1) : 2 * length;
    const wrapped = ((at % period) + period) % period;
    return wrapped < length ? wrapped : (mode === 'reflect' ? period : period - 1) - wrapped;
  });
}

/** Cuts `box` out; it may reach beyond the image. `fill` has a value per channel. */
export function cropWithPadding(canvas: Canvas, box: Box, mode: PaddingMode, fill: readonly number[]): void {
  canvas.settle();
  const { data, channels } = canvas;
  const { top, left, height, width } = box;
  const stride = width * channels;
  const target = canvas.scratch(height * stride);
  const inside = top >= 0 && left >= 0 && top + height <= canvas.height && left + width <= canvas.width;
  if (inside) {
    for (let y = 0; y < height; y++) {
      const from = ((top + y) * canvas.width + left) * channels;
      target.set(data.subarray(from, from + stride), y * stride);
    }
  } else {
    const rows = paddedPositions(top, height, canvas.height, mode);
    const columns = paddedPositions(left, width, canvas.width, mode);
    let to = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const known = rows[y]! >= 0 && columns[x]! >= 0;
        const from = (rows[y]! * canvas.width + columns[x]!) * channels;
        for (let c = 0; c < channels; c++) target[to++] = known ? data[from + c]! : fill[c]!;
      }
    }
  }
  canvas.replace(target, height, width);
}
