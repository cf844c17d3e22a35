import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { asRange, checkRange } from '../options.ts';
import type { Range } from '../options.ts';

export interface SharpnessOptions {
  /** 0 smooths, 1 changes nothing, 2 sharpens; of a range one number is drawn. */
  readonly factor: number | Range;
}

export type SharpnessParams = { readonly factor: number };

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
      canvas.sharpen(params.factor);
    },
  });
}
