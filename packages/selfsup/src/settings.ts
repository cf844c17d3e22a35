import { join } from 'node:path';
import type { NetSpec } from '@selfsup/layers';
import type { Preset } from '@selfsup/recipes/preset';
import { defaultBackend, parseBackend } from './backends/names.ts';
import type { BackendName } from './backends/names.ts';
import type { Config } from './config.ts';
import { dataRecord, resolveData } from './data-settings.ts';
import type { DataSettings } from './data-settings.ts';
import { encoderKeys, findEncoder } from './encoders.ts';
import type { EncoderOptions } from './encoders.ts';
import { usageError } from './error.ts';
import { findPreset, recipes } from './registry.ts';

/** A config with every default filled in and every name looked up. */
export interface Settings {
  readonly preset: Preset<string>;
  readonly encoder: NetSpec;
  readonly data: DataSettings;
  /** Null: the size of the images themselves. */
  readonly size: number | null;
  readonly epochs: number;
  readonly batchSize: number;
  /** In place of the preset's. */
  readonly learningRate: number | undefined;
  readonly seed: number;
  readonly folder: string;
  readonly backend: BackendName;
  readonly threads: number | undefined;
  readonly neighbours: number;
  /** The same as a config that `--config` takes; what is a value rather than a name in it is only named. */
  readonly resolved: Config;
}

/** @throws CliError (2) for the first value that cannot be used, saying what can */
export function resolveSettings(config: Config): Settings {
  const { recipe } = config;
  if (recipe === undefined) throw usageError(`Say which recipe to train: ${Object.keys(recipes).join(', ')}.`);
  const preset = typeof recipe === 'string' ? findPreset(recipe, text('preset', config.preset ?? 'small')) : own(recipe);
  const recipeName = typeof recipe === 'string' ? recipe : preset.name;
  const encoder = resolveEncoder(config);
  const epochs = wholeNumber('epochs', config.epochs ?? preset.epochs, 1);
  const batchSize = wholeNumber('batchSize', config.batchSize ?? preset.batchSize, 2);
  const learningRate = config.learningRate === undefined ? undefined : positive('learningRate', config.learningRate);
  const seed = wholeNumber('seed', config.seed ?? 0, 0);
  const neighbours = wholeNumber('neighbours', config.neighbours ?? 200, 1);
  const size = config.size === undefined ? null : wholeNumber('size', config.size, 1);
  const threads = threadCount(config.threads);
  const data = resolveData(config, seed);
  const out = text('out', config.out ?? 'runs');
  const name = folderName(config.name ?? (typeof recipe === 'string' ? `${recipe}-${preset.name}` : preset.name));
  const backend = parseBackend(config.backend ?? defaultBackend);
  const folder = join(out, name);
  const resolved: Config = {
    recipe: recipeName,
    preset: preset.name,
    ...dataRecord(config, data),
    encoder: typeof config.encoder === 'object' ? encoder.name : (config.encoder ?? 'small'),
    ...encoderOptions(config),
    epochs,
    batchSize,
    ...(learningRate === undefined ? {} : { learningRate }),
    seed,
    name,
    out,
    backend,
    neighbours,
  };
  return { preset, encoder, data, size, epochs, batchSize, learningRate, seed, folder, backend, threads, neighbours, resolved };
}

/** More than any machine has cores, and the most that the wasm backend can share work among. */
const mostThreads = 1023;

/** @throws CliError (2) */
export function threadCount(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const threads = wholeNumber('threads', value, 1);
  if (threads > mostThreads) throw usageError(`threads is ${threads}, but it must be at most ${mostThreads}; the number of cores is best.`);
  return threads;
}

/** @throws CliError (2) */
export function wholeNumber(what: string, value: unknown, least: number): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < least) {
    throw usageError(`${what} is ${JSON.stringify(value)}, but it must be a whole number of at least ${least}.`);
  }
  return number;
}

/** A list, or the text `16,32,64`. @throws CliError (2) */
function wholeNumbers(what: string, value: unknown, least: number): number[] {
  const list: unknown[] = Array.isArray(value) ? value : String(value).split(',');
  return list.map((each) => wholeNumber(what, each, least));
}

/** @throws CliError (2) */
function positive(what: string, value: unknown): number {
  if (Number(value) > 0 && Number.isFinite(Number(value))) return Number(value);
  throw usageError(`${what} is ${JSON.stringify(value)}, but it must be a number above 0.`);
}

/** @throws CliError (2) */
export function text(what: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') {
    throw usageError(`${what} is ${JSON.stringify(value)}, but it must be a text that is not empty.`);
  }
  return value;
}

/** The name of a run, which stays below the folder that runs are kept in. @throws CliError (2) */
function folderName(value: unknown): string {
  const name = text('name', value);
  if (/[/\\\0]/.test(name) || name === '.' || name === '..') {
    throw usageError(`name is ${JSON.stringify(name)}, but it must be the name of one folder; say with --out where that is.`);
  }
  return name;
}

/**
 * Options of an encoder as numbers, as a config or the command line has them.
 * @throws CliError (2)
 */
export function encoderOptions({
  width, stages, widths, block, stride, poolTo, stem, patch, init,
}: { readonly [K in keyof EncoderOptions]?: Config[K] | undefined }): Pick<Config, keyof EncoderOptions> {
  return {
    ...(width === undefined ? {} : { width: positive('width', width) }),
    ...(stages === undefined ? {} : { stages: wholeNumber('stages', stages, 1) }),
    ...(widths === undefined ? {} : { widths: wholeNumbers('widths', widths, 1) }),
    ...(block === undefined ? {} : { block }),
    ...(stride === undefined ? {} : { stride: wholeNumber('stride', stride, 1) }),
    ...(poolTo === undefined ? {} : { poolTo: wholeNumber('poolTo', poolTo, 1) }),
    ...(stem === undefined ? {} : { stem }),
    ...(patch === undefined ? {} : { patch: wholeNumber('patch', patch, 1) }),
    ...(init === undefined ? {} : { init }),
  };
}

function resolveEncoder({ encoder = 'small', ...config }: Config): NetSpec {
  if (typeof encoder === 'string') return findEncoder(encoder, encoderOptions(config));
  if (typeof encoder?.build !== 'function' || typeof encoder.name !== 'string') {
    throw usageError('encoder is neither a name nor a network; give a NetSpec, such as smallResNet() of @selfsup/backbones.');
  }
  if (encoderKeys.some((key) => config[key] !== undefined)) {
    throw usageError(`${encoderKeys.join(', ')} are for encoders given by name, but the encoder is ${encoder.name}, built already; set them there.`);
  }
  return encoder;
}

/** A preset from a config file, held against what the run is going to call. */
function own(preset: Preset<string>): Preset<string> {
  for (const part of ['method', 'views', 'optimizer'] as const) {
    if (typeof preset?.[part] !== 'function') throw usageError(`The recipe has no function \`${part}\`; give a Preset of @selfsup/recipes/preset.`);
  }
  text('The name of the recipe', preset.name);
  return preset;
}
