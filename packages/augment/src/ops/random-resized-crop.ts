import type { Interpolation } from '../canvas/filter.ts';
import type { Box } from '../canvas/kernels.ts';
import { toSize } from '../image.ts';
import type { ImageSize, SizeOption } from '../image.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { checkRange } from '../options.ts';
import type { Range } from '../options.ts';
import type { Rng } from '../rng.ts';
import { roundHalfEven } from '../round.ts';

export interface RandomResizedCropOptions {
  /** Size of the result in pixels. */
  readonly size: SizeOption;
  /** Share of the image's area that the crop covers. */
  readonly scale?: Range;
  /** Width ÷ height of the crop, drawn uniformly in its logarithm. */
  readonly ratio?: Range;
  readonly interpolation?: Interpolation;
}

/** Torchvision's draw: ten tries, then the largest centred crop whose ratio is allowed. */
function sampleBox(rng: Rng, { height, width }: ImageSize, scale: Range, ratio: Range): Box {
  const area = height * width;
  const logRatio = [Math.log(ratio[0]), Math.log(ratio[1])] as const;
  for (let attempt = 0; attempt < 10; attempt++) {
    const target = area * rng.uniform(scale[0], scale[1]);
    const aspect = Math.exp(rng.uniform(logRatio[0], logRatio[1]));
    const w = roundHalfEven(Math.sqrt(target * aspect));
    const h = roundHalfEven(Math.sqrt(target / aspect));
    if (w > 0 && w <= width && h > 0 && h <= height) {
      return { top: rng.integer(height - h + 1), left: rng.integer(width - w + 1), height: h, width: w };
    }
  }
  let w = width;
  let h = height;
  if (width / height < ratio[0]) h = Math.max(1, Math.min(height, roundHalfEven(width / ratio[0])));
  else if (width / height > ratio[1]) w = Math.max(1, Math.min(width, roundHalfEven(height * ratio[1])));
  return { top: Math.floor((height - h) / 2), left: Math.floor((width - w) / 2), height: h, width: w };
}

/**
 * Cuts out a random part of the image and resizes it; shrinking averages over all pixels of the part.
 *
 * Parameters: the crop's `top`, `left`, `height` and `width` in pixels of the image.
 * @throws AugmentError `invalid-option`
 * @see torchvision `RandomResizedCrop` on PIL images, whose distribution and pixels it reproduces.
 */
export function randomResizedCrop({
  size,
  scale = [0.08, 1],
  ratio = [3 / 4, 4 / 3],
  interpolation = 'bilinear',
}: RandomResizedCropOptions): Op<Box> {
  const output = toSize(size, 'randomResizedCrop');
  checkRange(scale, 'randomResizedCrop scale', 0, 1);
  checkRange(ratio, 'randomResizedCrop ratio', Number.MIN_VALUE);
  return paintedOp<Box>({
    name: 'randomResizedCrop',
    options: { size: { height: output.height, width: output.width }, scale, ratio, interpolation },
    sample: (rng, image) => sampleBox(rng, image, scale, ratio),
    outputSize: () => output,
    paint: (canvas, box) => {
      canvas.resample(box, output, interpolation);
    },
  });
}
