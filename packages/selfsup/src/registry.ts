import { byolPresets } from '@selfsup/recipes/byol';
import type { Preset } from '@selfsup/recipes/preset';
import { randomPresets } from '@selfsup/recipes/random';
import { simsiamPresets } from '@selfsup/recipes/simsiam';
import { supervisedPresets } from '@selfsup/recipes/supervised';
import { usageError } from './error.ts';

/** The recipes that the command line knows by name. A config file may pass any other as a value. */
export const recipes: Readonly<Record<string, readonly Preset<string>[]>> = {
  byol: byolPresets,
  simsiam: simsiamPresets,
  supervised: supervisedPresets,
  random: randomPresets,
};

/** `byol: imagenet-40, …; simsiam: …` */
export function presetNames(): string {
  return Object.entries(recipes).map(([recipe, presets]) => `${recipe}: ${presets.map(({ name }) => name).join(', ')}`).join('; ');
}

/** @throws CliError (2) naming what there is */
export function findPreset(recipe: string, preset: string): Preset<string> {
  const presets = recipes[recipe];
  if (!presets) {
    throw usageError(`There is no recipe "${recipe}"; choose one of ${Object.keys(recipes).join(', ')}.`);
  }
  const found = presets.find(({ name }) => name === preset);
  if (!found) {
    throw usageError(`${recipe} has no preset "${preset}"; choose one of ${presets.map(({ name }) => name).join(', ')}.`);
  }
  return found;
}
