import type { Interpolation } from '../canvas/filter.ts';
import { withProbability } from '../combine/with-probability.ts';
import { colorJitter } from '../ops/color-jitter.ts';
import type { ColorJitterOptions } from '../ops/color-jitter.ts';
import { gaussianBlur } from '../ops/gaussian-blur.ts';
import type { GaussianBlurOptions } from '../ops/gaussian-blur.ts';
import { grayscale } from '../ops/grayscale.ts';
import { randomFlip } from '../ops/random-flip.ts';
import { randomResizedCrop } from '../ops/random-resized-crop.ts';
import { solarize } from '../ops/solarize.ts';
import type { AnyOp } from '../op.ts';
import { refuseUnknown } from '../options.ts';
import type { Range } from '../options.ts';
import type { ChannelStatistics } from '../statistics.ts';
import { viewPipeline } from '../view-pipeline.ts';
import type { ViewPipeline } from '../view-pipeline.ts';

/** The recipe that the published views share. */
export interface ColorViewOptions {
  readonly name?: string;
  /** Side of the square view in pixels. */
  readonly size: number;
  /** Must be 3 unless saturation, hue and grayscale are off. */
  readonly channels?: number;
  /** Share of the area that a crop covers. */
  readonly scale?: Range;
  readonly ratio?: Range;
  readonly interpolation?: Interpolation;
  readonly flipProbability?: number | undefined;
  readonly jitter?: ColorJitterOptions;
  readonly jitterProbability?: number | undefined;
  readonly grayscaleProbability?: number | undefined;
  readonly blurProbability?: number | undefined;
  readonly blur?: GaussianBlurOptions;
  readonly solarizeProbability?: number | undefined;
  readonly normalize?: ChannelStatistics | undefined;
}

/**
 * One view by crop, flip, colour jitter, grayscale, blur and solarize, in this order; what has probability 0 is left out.
 *
 * The flip commutes with everything after it, so its place does not matter.
 * @throws AugmentError `invalid-option`; `channel-mismatch` when an op cannot work with `channels`.
 */
export function colorView({
  name = 'view',
  size,
  channels = 3,
  scale = [0.08, 1],
  ratio = [3 / 4, 4 / 3],
  interpolation = 'bilinear',
  flipProbability = 0.5,
  jitter = {},
  jitterProbability = 0.8,
  grayscaleProbability = 0,
  blurProbability = 0,
  blur = {},
  solarizeProbability = 0,
  normalize,
  ...unknown
}: ColorViewOptions): ViewPipeline {
  refuseUnknown(unknown, name);
  const maybe = (probability: number, op: () => AnyOp): readonly AnyOp[] => (probability === 0 ? [] : [withProbability(probability, op())]);
  return viewPipeline({
    name,
    size,
    channels,
    ops: [
      randomResizedCrop({ size, scale, ratio, interpolation }),
      ...maybe(flipProbability, () => randomFlip({ probability: 1 })),
      ...maybe(jitterProbability, () => colorJitter(jitter)),
      ...maybe(grayscaleProbability, grayscale),
      ...maybe(blurProbability, () => gaussianBlur(blur)),
      ...maybe(solarizeProbability, () => solarize()),
    ],
    normalize,
  });
}
