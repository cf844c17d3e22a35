import type { Box } from '../canvas/kernels.ts';
import { AugmentError } from '../error.ts';
import { toSize } from '../image.ts';
import type { SizeOption } from '../image.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { roundHalfEven } from '../round.ts';

export interface CenterCropOptions {
  readonly size: SizeOption;
}

/**
 * Cuts out the middle of the image. Not random.
 *
 * @throws AugmentError `size-mismatch` from `sample` when the image is smaller than the crop; torchvision pads with black instead.
 * @see torchvision `CenterCrop`
 */
export function centerCrop({ size }: CenterCropOptions): Op<Box> {
  const { height, width } = toSize(size, 'centerCrop');
  return paintedOp<Box>({
    name: 'centerCrop',
    options: { size: { height, width } },
    sample: (_rng, image) => {
      if (image.height < height || image.width < width) {
        throw new AugmentError(
          'size-mismatch',
          `centerCrop cannot cut ${height}×${width} out of an image of ${image.height}×${image.width}; resize it first.`,
        );
      }
      const top = roundHalfEven((image.height - height) / 2);
      const left = roundHalfEven((image.width - width) / 2);
      return { top, left, height, width };
    },
    outputSize: () => ({ height, width }),
    paint: (canvas, box) => {
      canvas.settle();
      const { data, channels } = canvas;
      const stride = box.width * channels;
      const target = canvas.scratch(box.height * stride);
      for (let y = 0; y < box.height; y++) {
        const from = ((box.top + y) * canvas.width + box.left) * channels;
        target.set(data.subarray(from, from + stride), y * stride);
      }
      canvas.replace(target, box.height, box.width);
    },
  });
}
