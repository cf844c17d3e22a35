import * as backbones from '@selfsup/backbones';
import type { NetSpec } from '@selfsup/layers';
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

export interface EncoderOptions {
  readonly width?: number;
  readonly stem?: 'cifar' | 'imagenet';
}

/** The encoders that the command line knows by name. */
const encoders: Readonly<Record<string, (options: EncoderOptions) => NetSpec>> = {
  small: ({ width }) => backbones.smallResNet(width === undefined ? {} : { width }),
  resnet18: backbones.resnet18,
  resnet34: backbones.resnet34,
  resnet50: backbones.resnet50,
  resnet101: backbones.resnet101,
  resnet152: backbones.resnet152,
  resnet200: backbones.resnet200,
};

export const encoderNames: readonly string[] = Object.keys(encoders);

/** @throws CliError (2) naming what there is */
export function findEncoder(name: string, options: EncoderOptions): NetSpec {
  const encoder = encoders[name];
  if (!encoder) throw usageError(`There is no encoder "${name}"; choose one of ${encoderNames.join(', ')}.`);
  return encoder(options);
}
