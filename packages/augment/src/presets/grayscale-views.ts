import { fashionMnistStatistics } from '../statistics.ts';
import { colorViews } from './color-views.ts';
import type { ColorViewsOptions, ViewPair } from './color-views.ts';
import { multiCropViews, withChanges } from './multi-crop.ts';
import type { LocalViewOptions, MultiCropViews } from './multi-crop.ts';

/** What views without colour let you choose. */
export type GrayscaleViewsOptions = Partial<Omit<ColorViewsOptions, 'jitter' | 'grayscaleProbability'>> & {
  /** As in `colorJitter`. */
  readonly brightness?: number;
  readonly contrast?: number;
};

/** As `GrayscaleViewsOptions`, with what is different for the small views under `local`. */
export type GrayscaleMultiCropOptions = GrayscaleViewsOptions & {
  readonly local?: Omit<LocalViewOptions, 'jitter' | 'grayscaleProbability'>;
};

/**
 * Views of images without colour, such as Fashion-MNIST: crop (.3, 1) bilinear, flip .5, brightness and contrast .4 in
 * random order, p .8. Saturation, hue and grayscale are not sampled. Works for any number of channels.
 *
 * Flipping does not keep the label of digits or letters: give `flipProbability: 0` for those.
 * The numbers are ours; there is no published recipe. One mean and one deviation, Fashion-MNIST's, stand for all channels.
 */
export function grayscaleViews({
  brightness = 0.4,
  contrast = 0.4,
  ...changes
}: GrayscaleViewsOptions = {}): ViewPair {
  return colorViews({
    name: 'grayscale',
    size: 28,
    channels: 1,
    scale: [0.3, 1],
    flipProbability: 0.5,
    jitter: { brightness, contrast },
    jitterProbability: 0.8,
    normalize: fashionMnistStatistics,
    ...changes,
  });
}

/**
 * Multi-crop of images without colour: 2 views of 28 pixels from crops (.4, 1) and 6 of 16 pixels from crops (.1, .4);
 * the rest as in `grayscaleViews`. The numbers are ours; there is no published recipe.
 */
export function grayscaleMultiCrop({
  brightness = 0.4,
  contrast = 0.4,
  ...changes
}: GrayscaleMultiCropOptions = {}): MultiCropViews {
  const preset = {
    name: 'grayscale-multi-crop',
    size: 28,
    channels: 1,
    scale: [0.4, 1],
    flipProbability: 0.5,
    jitter: { brightness, contrast },
    jitterProbability: 0.8,
    normalize: fashionMnistStatistics,
    local: { views: 6, size: 16, scale: [0.1, 0.4] },
  } as const;
  return multiCropViews(withChanges(preset, changes));
}
