import type { Interpolation } from '../canvas/filter.ts';
import { AugmentError } from '../error.ts';
import { toSize } from '../image.ts';
import type { ImageSize, SizeOption } from '../image.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';

export interface ResizeOptions {
  /** The size of the result, whatever the image's proportions; or else give `shorter`. */
  readonly size?: SizeOption;
  /** The length of the result's shorter side in pixels, proportions kept. */
  readonly shorter?: number;
  readonly interpolation?: Interpolation;
}

export type ResizeParams = { readonly height: number; readonly width: number };

/**
 * Resizes the whole image, averaging when it shrinks. Not random.
 *
 * @throws AugmentError `invalid-option` unless exactly one of `size` and `shorter` is given.
 * @see torchvision `Resize` on PIL images
 */
export function resize({ size, shorter, interpolation = 'bilinear' }: ResizeOptions): Op<ResizeParams> {
  if ((size === undefined) === (shorter === undefined)) {
    throw new AugmentError('invalid-option', 'resize needs either size (the whole result) or shorter (its shorter side).');
  }
  const target = toSize(size ?? shorter ?? 0, 'resize');
  const fit = ({ height, width }: ImageSize): ResizeParams => {
    if (shorter === undefined) return { height: target.height, width: target.width };
    const long = (side: number, other: number): number => Math.trunc((shorter * side) / other);
    return height < width
      ? { height: shorter, width: long(width, height) }
      : { height: long(height, width), width: shorter };
  };
  return paintedOp<ResizeParams>({
    name: 'resize',
    options: shorter === undefined ? { size: { height: target.height, width: target.width }, interpolation } : { shorter, interpolation },
    sample: (_rng, image) => fit(image),
    outputSize: (_image, params) => params,
    paint: (canvas, params) => {
      const whole = { top: 0, left: 0, height: canvas.height, width: canvas.width };
      canvas.resample(whole, params, interpolation);
    },
  });
}
