import type { Canvas } from '../canvas/canvas.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { asRange, checkRange } from '../options.ts';
import type { Range } from '../options.ts';

export interface SharpnessOptions {
  /** 0 smooths, 1 changes nothing, 2 sharpens; of a range one number is drawn. */
  readonly factor: number | Range;
}

export type SharpnessParams = { readonly factor: number };

const { fround } = Math;
const near = fround(1 / 13);
const centre = fround(5 / 13);

/** S + factor·(v − S), S the 3 × 3 mean in which the pixel itself counts five times; pixels of the border have S = v. */
function sharpen(canvas: Canvas, factor: number): void {
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

/**
 * Smooths or sharpens. Always applies; wrap it in `withProbability`.
 *
 * @throws AugmentError `invalid-option`
 * @see torchvision `RandomAdjustSharpness` on PIL images
 */
export function sharpness({ factor }: SharpnessOptions): Op<SharpnessParams> {
  const range = asRange(factor);
  checkRange(range, 'sharpness factor', 0);
  return paintedOp<SharpnessParams>({
    name: 'sharpness',
    options: { factor },
    sample: (rng) => ({ factor: rng.uniform(range[0], range[1]) }),
    paint: (canvas, params) => {
      sharpen(canvas, params.factor);
    },
  });
}
