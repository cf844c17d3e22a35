import type { ViewPipeline } from '../view-pipeline.ts';
import { colorView } from './color-view.ts';
import type { ColorViewOptions } from './color-view.ts';
import { optionsOfView } from './color-views.ts';
import type { ColorViewsOptions } from './color-views.ts';

/** Two large views and any number of small ones of the same image, by name: `global1`, `global2`, `local1`, … */
export type MultiCropViews = Readonly<Record<'global1' | 'global2' | `local${number}`, ViewPipeline>>;

/** What small views do differently from large ones. */
export type LocalViewOptions = Partial<Omit<ColorViewOptions, 'name' | 'channels' | 'normalize'>> & {
  /** How many small views; 0 leaves them out. */
  readonly views?: number;
};

/** The recipe of the large views, and under `local` what is different for the small ones. */
export type MultiCropOptions = ColorViewsOptions & { readonly local?: LocalViewOptions };

/** A multi-crop preset with any of its numbers changed, those of the small views under `local`. */
export type MultiCropPresetOptions = Partial<MultiCropOptions>;

/**
 * Two large views and several small ones by `colorView`. Small views take the recipe of `global1`, but for what `local` changes.
 *
 * @throws AugmentError `invalid-option`; `channel-mismatch` when an op cannot work with `channels`.
 * @see Caron et al. 2020, https://arxiv.org/abs/2006.09882, multi-crop
 */
export function multiCropViews({ name = 'multi-crop', local = {}, ...shared }: MultiCropOptions): MultiCropViews {
  const { views = 0, ...changes } = local;
  const small = { ...optionsOfView(shared, 0), ...changes };
  return {
    global1: colorView({ ...optionsOfView(shared, 0), name: `${name}/global1` }),
    global2: colorView({ ...optionsOfView(shared, 1), name: `${name}/global2` }),
    ...Object.fromEntries(
      Array.from({ length: views }, (_, i) => [`local${i + 1}`, colorView({ ...small, name: `${name}/local${i + 1}` })]),
    ),
  };
}

/** The preset with the user's changes; those of `local` change single numbers of it, too. */
export function withChanges(preset: MultiCropOptions, changes: MultiCropPresetOptions): MultiCropOptions {
  return { ...preset, ...changes, local: { ...preset.local, ...changes.local } };
}
