import { pathToFileURL } from 'node:url';
import type { ModuleCall } from '@selfsup/data';
import type { Preset } from '@selfsup/recipes/preset';
import { findPreset } from './registry.ts';

type Views = ReturnType<Preset<string>['views']>;
export type ImageShape = Parameters<Preset<string>['views']>[0];

/** Where a preset is found again, by another thread. */
export type PresetOrigin =
  | { readonly recipe: string; readonly preset: string }
  /** The absolute path of the config file whose `recipe` it is. */
  | { readonly config: string };

/** The views of a preset: what a rendering thread calls, since functions cannot be sent to it. */
export async function presetViews(origin: PresetOrigin, image: ImageShape): Promise<Views> {
  if ('recipe' in origin) return findPreset(origin.recipe, origin.preset).views(image);
  const { default: config } = (await import(pathToFileURL(origin.config).href)) as { readonly default: { readonly recipe: Preset<string> } };
  return config.recipe.views(image);
}

/** The call of `presetViews` for another thread. */
export function viewsCall(origin: PresetOrigin, image: ImageShape): ModuleCall {
  // The build of this file: beside whatever part of the build this code has landed in.
  return { module: new URL('./views.js', import.meta.url).href, export: 'presetViews', args: [origin, image] };
}
