import type { ViewPipeline } from '../view-pipeline.ts';
import { colorView } from './color-view.ts';
import type { ColorViewOptions } from './color-view.ts';

/** The two views of a siamese method. */
export interface ViewPair {
  readonly a: ViewPipeline;
  readonly b: ViewPipeline;
}

/** One probability for both views, or one for each. */
export type PerView = number | readonly [number, number];

type Probability = Extract<keyof ColorViewOptions, `${string}Probability`>;

/** `ColorViewOptions` for two views: every probability is one number for both, or one for each. */
export type ColorViewsOptions = Omit<ColorViewOptions, Probability> & { readonly [K in Probability]?: PerView | undefined };

/** A preset with any of its numbers changed. */
export type PresetOptions = Partial<ColorViewsOptions>;

/** The options of one of two views. */
export function optionsOfView(
  { flipProbability, jitterProbability, grayscaleProbability, blurProbability, solarizeProbability, ...shared }: ColorViewsOptions,
  which: 0 | 1,
): ColorViewOptions {
  const of = (probability: PerView | undefined): number | undefined =>
    typeof probability === 'object' ? probability[which] : probability;
  return {
    ...shared,
    flipProbability: of(flipProbability),
    jitterProbability: of(jitterProbability),
    grayscaleProbability: of(grayscaleProbability),
    blurProbability: of(blurProbability),
    solarizeProbability: of(solarizeProbability),
  };
}

/**
 * Two views, `a` and `b`, by the same recipe with their own probabilities: see `colorView`.
 *
 * @throws AugmentError `invalid-option`; `channel-mismatch` when an op cannot work with `channels`.
 */
export function colorViews({ name = 'views', ...options }: ColorViewsOptions): ViewPair {
  return {
    a: colorView({ ...optionsOfView(options, 0), name: `${name}/a` }),
    b: colorView({ ...optionsOfView(options, 1), name: `${name}/b` }),
  };
}
