import type { Box } from '../canvas/kernels.ts';
import { AugmentError } from '../error.ts';
import { toSize } from '../image.ts';
import type { SizeOption } from '../image.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { checkFill, fillFor } from '../options.ts';
import type { Fill } from '../options.ts';
import { roundHalfEven } from '../round.ts';

export interface CenterCropOptions {
  readonly size: SizeOption;
  /** What to put around images that are smaller than the crop. Without it they are refused. */
  readonly fill?: Fill;
}

/**
 * Cuts out the middle of the image. Not random.
 *
 * @throws AugmentError `size-mismatch` from `sample` when the image is smaller than the crop and there is no `fill`; torchvision
 * fills with black then. `invalid-option`; `channel-mismatch` when the fill is for other channels.
 * @see torchvision `CenterCrop`
 */
export function centerCrop({ size, fill }: CenterCropOptions): Op<Box> {
  const { height, width } = toSize(size, 'centerCrop');
  if (fill !== undefined) checkFill(fill, 'centerCrop');
  /** Where the crop starts. Torchvision pads small images first, the odd pixel at the end. */
  const start = (length: number, wanted: number): number =>
    wanted > length ? -Math.floor((wanted - length) / 2) : roundHalfEven((length - wanted) / 2);
  return paintedOp<Box>({
    name: 'centerCrop',
    options: { size: { height, width }, fill: fill ?? null },
    sample: (_rng, image) => {
      if (fill === undefined && (image.height < height || image.width < width)) {
        throw new AugmentError(
          'size-mismatch',
          `centerCrop cannot cut ${height}×${width} out of an image of ${image.height}×${image.width}; resize it first, or give a fill.`,
        );
      }
      return { top: start(image.height, height), left: start(image.width, width), height, width };
    },
    outputSize: () => ({ height, width }),
    paint: (canvas, box) => {
      canvas.crop(box, 'constant', fillFor(fill ?? 0, canvas.channels, 'centerCrop'));
    },
  });
}
