import { inverseAffine } from '../affine.ts';
import type { AffineParams } from '../affine.ts';
import type { WarpInterpolation } from '../canvas/warp.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { checkFill, checkRange, fillFor } from '../options.ts';
import type { Fill, Range } from '../options.ts';
import { roundHalfEven } from '../round.ts';

export interface RandomAffineOptions {
  /** x draws the angle from [−x, x], clockwise; or give the range itself. */
  readonly degrees?: number | Range;
  /** The largest shift in parts of width and height, each from 0 to 1. */
  readonly translate?: Range;
  /** The range of the factor. */
  readonly scale?: Range;
  /** x draws the horizontal shear from [−x, x] degrees; or give the range itself, or the ranges of both directions. */
  readonly shear?: number | Range | readonly [Range, Range];
  readonly interpolation?: WarpInterpolation;
  /** For what comes from outside of the image. */
  readonly fill?: Fill;
}

function shearRanges(shear: NonNullable<RandomAffineOptions['shear']>): readonly [Range, Range] {
  if (typeof shear === 'number') return [[-shear, shear], [0, 0]];
  const [first, second] = shear;
  return typeof first === 'number' || typeof second === 'number' ? [shear as Range, [0, 0]] : [first, second];
}

/**
 * Rotates, shifts, scales and shears the image around its centre; the size stays.
 *
 * Parameters: `angle` and `shear` in degrees, `translate` in whole pixels, and `scale`.
 * @throws AugmentError `invalid-option`; `channel-mismatch` when the fill is for other channels.
 * @see torchvision `RandomAffine` on PIL images, whose distribution and pixels it reproduces. Shrinking does not average there either.
 */
export function randomAffine({
  degrees = 0,
  translate = [0, 0],
  scale = [1, 1],
  shear = 0,
  interpolation = 'nearest',
  fill = 0,
}: RandomAffineOptions): Op<AffineParams> {
  const angles: Range = typeof degrees === 'number' ? [-degrees, degrees] : degrees;
  const shears = shearRanges(shear);
  checkRange(angles, 'randomAffine degrees', -Number.MAX_VALUE);
  for (const part of translate) checkRange([part, part], 'randomAffine translate', 0, 1);
  checkRange(scale, 'randomAffine scale', Number.MIN_VALUE);
  for (const range of shears) checkRange(range, 'randomAffine shear', -89, 89);
  checkFill(fill, 'randomAffine');
  return paintedOp<AffineParams>({
    name: 'randomAffine',
    options: { degrees: angles, translate, scale, shear: shears, interpolation, fill },
    sample: (rng, { height, width }) => {
      const angle = rng.uniform(angles[0], angles[1]);
      const shift = (part: number, length: number): number => roundHalfEven(rng.uniform(-part * length, part * length));
      const x = shift(translate[0], width);
      const y = shift(translate[1], height);
      const factor = rng.uniform(scale[0], scale[1]);
      return { angle, translate: [x, y], scale: factor, shear: [rng.uniform(...shears[0]), rng.uniform(...shears[1])] };
    },
    paint: (canvas, params) => {
      canvas.warp(inverseAffine(params, canvas), interpolation, fillFor(fill, canvas.channels, 'randomAffine'));
    },
  });
}
