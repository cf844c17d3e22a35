import type { PaddingMode } from '../canvas/crop.ts';
import type { Box } from '../canvas/kernels.ts';
import { AugmentError } from '../error.ts';
import { toSize } from '../image.ts';
import type { SizeOption } from '../image.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { checkFill, fillFor } from '../options.ts';
import type { Fill } from '../options.ts';

export interface RandomCropOptions {
  /** Size of the result in pixels. */
  readonly size: SizeOption;
  /** By how many pixels the crop may reach beyond the image, on every side. */
  readonly padding?: number;
  /** What it finds there. */
  readonly mode?: PaddingMode;
  /** For `constant`. */
  readonly fill?: Fill;
}

/**
 * Cuts out a part of the given size at a random place. CIFAR's usual crop is `{ size: 32, padding: 4 }`.
 *
 * Parameters: the crop's `top`, `left`, `height` and `width` in pixels of the image; negative places lie in the padding.
 * @throws AugmentError `invalid-option`; `size-mismatch` from `sample` when the crop is larger than the padded image;
 * `channel-mismatch` when the fill is for other channels.
 * @see torchvision `RandomCrop`
 */
export function randomCrop({ size, padding = 0, mode = 'constant', fill = 0 }: RandomCropOptions): Op<Box> {
  const { height, width } = toSize(size, 'randomCrop');
  if (!Number.isInteger(padding) || padding < 0) {
    throw new AugmentError('invalid-option', `randomCrop was given the padding ${padding}; give a whole number of pixels.`);
  }
  checkFill(fill, 'randomCrop');
  return paintedOp<Box>({
    name: 'randomCrop',
    options: { size: { height, width }, padding, mode, fill },
    sample: (rng, image) => {
      const spareRows = image.height + 2 * padding - height;
      const spareColumns = image.width + 2 * padding - width;
      if (spareRows < 0 || spareColumns < 0) {
        throw new AugmentError(
          'size-mismatch',
          `randomCrop cannot cut ${height}×${width} out of an image of ${image.height}×${image.width} with a padding of ${padding}; resize the image first, or pad more.`,
        );
      }
      return { top: rng.integer(spareRows + 1) - padding, left: rng.integer(spareColumns + 1) - padding, height, width };
    },
    outputSize: () => ({ height, width }),
    paint: (canvas, box) => {
      canvas.crop(box, mode, fillFor(fill, canvas.channels, 'randomCrop'));
    },
  });
}
