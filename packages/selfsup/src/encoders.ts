import * as backbones from '@selfsup/backbones';
import type { NetSpec } from '@selfsup/layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { flag } from './call.ts';
import { reasonOf, usageError } from './error.ts';

/** What an encoder that is given by name can be told; each takes some of them. */
export interface EncoderOptions {
  readonly width?: number | undefined;
  readonly stages?: number | undefined;
  readonly widths?: readonly number[] | undefined;
  readonly block?: string | undefined;
  readonly stride?: number | undefined;
  readonly poolTo?: number | undefined;
  readonly stem?: string | undefined;
  readonly patch?: number | undefined;
  readonly init?: string | undefined;
}

/** The keys of `EncoderOptions`. */
export const encoderKeys: readonly (keyof EncoderOptions)[] = ['width', 'stages', 'widths', 'block', 'stride', 'poolTo', 'stem', 'patch', 'init'];

/** What the options that are words may say. */
const words = { stem: ['cifar', 'imagenet'], init: ['he', 'torch'], block: ['basic', 'bottleneck'] } as const;

/** Those of the options that are given. */
function givenOptions(options: Readonly<Record<string, unknown>>): EncoderOptions {
  return Object.fromEntries(encoderKeys.map((key) => [key, options[key]]).filter(([, value]) => value !== undefined));
}

interface Encoder {
  readonly takes: readonly (keyof EncoderOptions)[];
  /** Side of the images that its paper is about. */
  readonly size: number;
  /** The options are checked there, too. */
  readonly make: (options: object) => NetSpec;
}

const imagenet = (make: (options: object) => NetSpec, ...takes: Encoder['takes']): Encoder => ({ takes, size: 224, make });
const small = (make: (options: object) => NetSpec, ...takes: Encoder['takes']): Encoder => ({ takes, size: 32, make });

/** The encoders that the command line knows by name. */
const encoders: Readonly<Record<string, Encoder>> = {
  small: small(backbones.smallResNet, 'width', 'stages', 'widths', 'block', 'stride', 'poolTo', 'init'),
  resnet18: imagenet(backbones.resnet18, 'width', 'stem'),
  resnet34: imagenet(backbones.resnet34, 'width', 'stem'),
  resnet50: imagenet(backbones.resnet50, 'width', 'stem'),
  resnet101: imagenet(backbones.resnet101, 'width', 'stem'),
  resnet152: imagenet(backbones.resnet152, 'width', 'stem'),
  resnet200: imagenet(backbones.resnet200, 'width', 'stem'),
  wide_resnet50_2: imagenet(backbones.wideResNet50x2, 'width', 'stem'),
  wide_resnet101_2: imagenet(backbones.wideResNet101x2, 'width', 'stem'),
  wrn28: small(backbones.wideResNet, 'width'),
  convnext_tiny: imagenet(backbones.convNextTiny, 'width'),
  mobilenet_v2: imagenet(backbones.mobileNetV2, 'width'),
  vit_tiny: imagenet(backbones.vitTiny, 'patch'),
  vit_small: imagenet(backbones.vitSmall, 'patch'),
  vit_base: imagenet(backbones.vitBase, 'patch'),
};

export const encoderNames: readonly string[] = Object.keys(encoders);

/** @throws CliError (2) naming what there is, and which options it takes; BackbonesError for a value that it cannot have */
export function findEncoder(name: string, options: EncoderOptions): NetSpec {
  const { takes, make } = entry(name);
  const given = givenOptions({ ...options });
  for (const option of encoderKeys) {
    if (option in given && !takes.includes(option)) {
      throw usageError(`The encoder "${name}" has no ${flag(option)}; it takes ${takes.map(flag).join(' and ')}.`);
    }
  }
  for (const option of ['stem', 'init', 'block'] as const) {
    const word = given[option];
    const known: readonly string[] = words[option];
    if (word !== undefined && !known.includes(word)) throw usageError(`The ${option} "${word}" is not known; choose ${known.join(' or ')}.`);
  }
  return make(given);
}

/**
 * The call of `@selfsup/backbones` that builds the network which a run was given by name, such as `resnet18({ stem: 'cifar' })`; undefined
 * where it was given another way, or where that call builds another network than `name`.
 */
export function callOf({ encoder, ...config }: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const found = typeof encoder === 'string' && Object.hasOwn(encoders, encoder) ? encoders[encoder] : undefined;
  const [exported] = Object.entries(backbones).find(([, value]) => value === found?.make) ?? [];
  const options = givenOptions(config);
  try {
    if (!exported || found?.make(options).name !== name) return undefined;
  } catch {
    return undefined;
  }
  const shown = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : Array.isArray(value) ? `[${value.join(', ')}]` : String(value));
  const listed = Object.entries(options).map(([key, value]) => `${key}: ${shown(value)}`);
  return `${exported}(${listed.length === 0 ? '' : `{ ${listed.join(', ')} }`})`;
}

/** @throws CliError (2) when the encoder is not for views of this shape, or too large */
export function buildEncoder(encoder: NetSpec, inputShape: readonly [number, number, number], seed: number): LayersModel {
  try {
    return encoder.build(inputShape, seed);
  } catch (cause) {
    if (cause instanceof RangeError) throw usageError(`The encoder ${encoder.name} does not fit in memory (${reasonOf(cause)}); give a smaller --width or another --encoder.`);
    throw usageError(`The encoder cannot be built for views of ${inputShape[0]}×${inputShape[1]} pixels: ${reasonOf(cause)}`);
  }
}

/** Side of the images that an encoder's paper is about. */
export function paperSize(name: string, { stem }: EncoderOptions): number {
  return stem === 'cifar' ? 32 : entry(name).size;
}

function entry(name: string): Encoder {
  const found = Object.hasOwn(encoders, name) ? encoders[name] : undefined;
  if (!found) throw usageError(`There is no encoder "${name}"; choose one of ${encoderNames.join(', ')}.`);
  return found;
}
