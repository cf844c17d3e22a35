import { withProbability } from '../combine/with-probability.ts';
import type { Interpolation } from '../canvas/filter.ts';
import { colorJitter } from '../ops/color-jitter.ts';
import type { ColorJitterOptions } from '../ops/color-jitter.ts';
import { gaussianBlur } from '../ops/gaussian-blur.ts';
import type { GaussianBlurOptions } from '../ops/gaussian-blur.ts';
import { grayscale } from '../ops/grayscale.ts';
import { randomFlip } from '../ops/random-flip.ts';
import { randomResizedCrop } from '../ops/random-resized-crop.ts';
import { solarize } from '../ops/solarize.ts';
import type { AnyOp } from '../op.ts';
import type { Range } from '../options.ts';
import type { ChannelStatistics } from '../statistics.ts';
import { viewPipeline } from '../view-pipeline.ts';
import type { ViewPipeline } from '../view-pipeline.ts';

/** The two views of a siamese method. */
export interface ViewPair {
  readonly a: ViewPipeline;
  readonly b: ViewPipeline;
}

/** One probability for both views, or one for `a` and one for `b`. */
export type PerView = number | readonly [number, number];

/** The recipe that BYOL, SimSiam and their relatives share. */
export interface ColorViewsOptions {
  readonly name?: string;
  /** Side of the square views in pixels. */
  readonly size: number;
  /** Must be 3 unless saturation, hue and grayscale are off. */
  readonly channels?: number;
  /** Share of the area that a crop covers. */
  readonly scale?: Range;
  readonly ratio?: Range;
  readonly interpolation?: Interpolation;
  readonly flipProbability?: PerView;
  readonly jitter?: ColorJitterOptions;
  readonly jitterProbability?: PerView;
  readonly grayscaleProbability?: PerView;
  readonly blurProbability?: PerView;
  readonly blur?: GaussianBlurOptions;
  readonly solarizeProbability?: PerView;
  readonly normalize?: ChannelStatistics | undefined;
}

/**
 * Two views by crop, flip, colour jitter, grayscale, blur and solarize, in this order; what has probability 0 is left out.
 *
 * The flip commutes with everything after it, so its place does not matter.
 * @throws AugmentError `invalid-option`; `channel-mismatch` when an op cannot work with `channels`.
 */
export function colorViews({
  name = 'views',
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
}: ColorViewsOptions): ViewPair {
  const view = (which: 0 | 1, suffix: string): ViewPipeline => {
    const maybe = (probability: PerView, op: () => AnyOp): readonly AnyOp[] => {
      const p = typeof probability === 'number' ? probability : probability[which];
      return p === 0 ? [] : [withProbability(p, op())];
    };
    return viewPipeline({
      name: `${name}/${suffix}`,
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
  };
  return { a: view(0, 'a'), b: view(1, 'b') };
}
