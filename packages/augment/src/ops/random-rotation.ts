import { rotation } from '../affine.ts';
import type { WarpInterpolation } from '../canvas/warp.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { checkFill, checkRange, fillFor } from '../options.ts';
import type { Fill, Range } from '../options.ts';

export interface RandomRotationOptions {
  /** x draws the angle from [−x, x]; or give the range itself. */
  readonly degrees: number | Range;
  readonly interpolation?: WarpInterpolation;
  /** For the corners, which come from outside of the image. */
  readonly fill?: Fill;
}

export type RotationParams = {
  /** Degrees, counter-clockwise. */
  readonly angle: number;
};

/**
 * Turns the image around its centre; the size stays, so corners are cut off.
 *
 * @throws AugmentError `invalid-option`; `channel-mismatch` when the fill is for other channels.
 * @see torchvision `RandomRotation` on PIL images, whose pixels it reproduces; there is no `expand`, as views have one size
 */
export function randomRotation({ degrees, interpolation = 'nearest', fill = 0 }: RandomRotationOptions): Op<RotationParams> {
  const range: Range = typeof degrees === 'object' ? degrees : [-degrees, degrees];
  checkRange(range, 'randomRotation degrees', -Number.MAX_VALUE);
  checkFill(fill, 'randomRotation');
  return paintedOp<RotationParams>({
    name: 'randomRotation',
    options: { degrees: range, interpolation, fill },
    sample: (rng) => ({ angle: rng.uniform(range[0], range[1]) }),
    paint: (canvas, { angle }) => {
      if (angle % 360 !== 0) canvas.warp(rotation(angle, canvas), interpolation, fillFor(fill, canvas.channels, 'randomRotation'));
    },
  });
}
