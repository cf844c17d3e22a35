import type { Box } from '../canvas/kernels.ts';
import { toSize } from '../image.ts';
import type { SizeOption } from '../image.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { checkFill, fillFor } from '../options.ts';
import type { Fill } from '../options.ts';

export interface CutoutOptions {
  /** Size of the erased rectangle in pixels; half the image's side is usual for CIFAR-10: 16. */
  readonly size: SizeOption;
  readonly fill?: Fill;
}

/**
 * Erases a rectangle of fixed size around a random pixel, cut off at the image's border. Always applies; wrap it in `withProbability`.
 *
 * Parameters: the erased `top`, `left`, `height` and `width`.
 * @throws AugmentError `invalid-option`; `channel-mismatch` when the fill is for other channels.
 * @see DeVries & Taylor 2017, https://arxiv.org/abs/1708.04552; uoguelph-mlrg/Cutout `util/cutout.py`, which erases after normalising:
 * for the same give 255 times the mean as `fill`
 */
export function cutout({ size, fill = 0 }: CutoutOptions): Op<Box> {
  const { height, width } = toSize(size, 'cutout');
  checkFill(fill, 'cutout');
  /** The part of [centre − ⌊size/2⌋, centre + ⌊size/2⌋) that is in the image; of odd sizes the extra pixel comes last. */
  const span = (centre: number, wanted: number, length: number): readonly [start: number, count: number] => {
    const start = centre - Math.floor(wanted / 2);
    const from = Math.max(0, start);
    return [from, Math.min(length, start + wanted) - from];
  };
  return paintedOp<Box>({
    name: 'cutout',
    options: { size: { height, width }, fill },
    sample: (rng, image) => {
      const [top, rows] = span(rng.integer(image.height), height, image.height);
      const [left, columns] = span(rng.integer(image.width), width, image.width);
      return { top, left, height: rows, width: columns };
    },
    paint: (canvas, box) => {
      canvas.erase(box, fillFor(fill, canvas.channels, 'cutout'));
    },
  });
}
