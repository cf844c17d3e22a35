import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { checkFill, checkRange, fillFor } from '../options.ts';
import type { Fill, Range } from '../options.ts';
import { roundHalfEven } from '../round.ts';

export interface RandomErasingOptions {
  /** Share of the image's area that is erased. */
  readonly scale?: Range;
  /** Height ÷ width of the rectangle, drawn uniformly in its logarithm. */
  readonly ratio?: Range;
  /** 8-bit values, or `noise`: every sample drawn uniformly. */
  readonly fill?: Fill | 'noise';
}

export type ErasingParams = {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
  /** What the noise is drawn from; `null` without noise. */
  readonly seed: number | null;
};

/**
 * Erases a rectangle. Always applies; wrap it in `withProbability`. `null` when no rectangle fitted in ten draws.
 *
 * @throws AugmentError `invalid-option`; `channel-mismatch` when the fill is for other channels.
 * @see Zhong et al. 2017, https://arxiv.org/abs/1708.04896; torchvision `RandomErasing`, whose distribution it reproduces. That erases
 * after normalising, where 0 is the mean: for the same give 255 times the mean as `fill`. Its noise is normal, this one's is uniform.
 */
export function randomErasing({ scale = [0.02, 0.33], ratio = [0.3, 3.3], fill = 0 }: RandomErasingOptions = {}): Op<ErasingParams> {
  checkRange(scale, 'randomErasing scale', 0, 1);
  checkRange(ratio, 'randomErasing ratio', Number.MIN_VALUE);
  if (fill !== 'noise') checkFill(fill, 'randomErasing');
  return paintedOp<ErasingParams>({
    name: 'randomErasing',
    options: { scale, ratio, fill },
    sample: (rng, image) => {
      for (let attempt = 0; attempt < 10; attempt++) {
        const area = image.height * image.width * rng.uniform(scale[0], scale[1]);
        const aspect = Math.exp(rng.uniform(Math.log(ratio[0]), Math.log(ratio[1])));
        const height = roundHalfEven(Math.sqrt(area * aspect));
        const width = roundHalfEven(Math.sqrt(area / aspect));
        if (height >= image.height || width >= image.width) continue;
        const top = rng.integer(image.height - height + 1);
        const left = rng.integer(image.width - width + 1);
        return { top, left, height, width, seed: fill === 'noise' ? rng.integer(0x1_0000_0000) : null };
      }
      return null;
    },
    paint: (canvas, params) => {
      if (fill === 'noise') canvas.eraseWithNoise(params, params.seed ?? 0);
      else canvas.erase(params, fillFor(fill, canvas.channels, 'randomErasing'));
    },
  });
}
