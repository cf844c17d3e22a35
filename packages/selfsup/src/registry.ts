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

export interface EncoderOptions {
  readonly width: number | undefined;
  readonly stem: string | undefined;
}

type ResNet = typeof backbones.resnet18;

/** The ResNets that the command line knows by name. */
const resnets: Readonly<Record<string, ResNet>> = {
  resnet18: backbones.resnet18,
  resnet34: backbones.resnet34,
  resnet50: backbones.resnet50,
  resnet101: backbones.resnet101,
  resnet152: backbones.resnet152,
  resnet200: backbones.resnet200,
};

export const encoderNames: readonly string[] = ['small', ...Object.keys(resnets)];

/** @throws CliError (2) naming what there is, BackbonesError for a width that it cannot have */
export function findEncoder(name: string, { width, stem }: EncoderOptions): NetSpec {
  const widened = width === undefined ? {} : { width };
  if (name === 'small') {
    if (stem !== undefined) throw usageError(`The encoder "small" has one stem; leave --stem out, or choose another --encoder.`);
    return backbones.smallResNet(widened);
  }
  const resnet = resnets[name];
  if (!resnet) throw usageError(`There is no encoder "${name}"; choose one of ${encoderNames.join(', ')}.`);
  if (stem !== undefined && stem !== 'cifar' && stem !== 'imagenet') {
    throw usageError(`The stem "${stem}" is not known; choose cifar or imagenet.`);
  }
  return resnet({ ...widened, ...(stem === undefined ? {} : { stem }) });
}
