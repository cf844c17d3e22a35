import { fashionMnistStatistics } from '../statistics.ts';
import { colorViews } from './color-views.ts';
import type { ColorViewsOptions, ViewPair } from './color-views.ts';

/** What `grayscaleViews` lets you choose: nothing of colour. */
export type GrayscaleViewsOptions = Partial<Omit<ColorViewsOptions, 'jitter' | 'grayscaleProbability'>> & {
  /** As in `colorJitter`. */
  readonly brightness?: number;
  readonly contrast?: number;
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
