import { join } from 'node:path';
import type { NetSpec } from '@selfsup/layers';
import type { Preset } from '@selfsup/recipes/preset';
import type { BackendName } from './backend.ts';
import { parseBackend } from './backend.ts';
import type { Config } from './config.ts';
import { usageError } from './error.ts';
import { findEncoder, findPreset, recipes } from './registry.ts';

/** A config with every default filled in and every name looked up. */
export interface Settings {
  readonly preset: Preset<string>;
  readonly encoder: NetSpec;
  readonly data: string;
  /** Null: the size of the images themselves. */
  readonly size: number | null;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly folder: string;
  readonly backend: BackendName;
  readonly threads: number | undefined;
  readonly neighbours: number;
  /** The same as plain values, for `config.json`. */
  readonly resolved: Readonly<Record<string, unknown>>;
}

/** @throws CliError (2) for the first value that cannot be used, saying what can */
export function resolveSettings(config: Config): Settings {
  const { recipe, encoder: encoderName = 'small' } = config;
  if (recipe === undefined) throw usageError(`Say which recipe to train: ${Object.keys(recipes).join(', ')}.`);
  const preset = typeof recipe === 'string' ? findPreset(recipe, config.preset ?? 'small') : recipe;
  const encoder = typeof encoderName === 'string' ? findEncoder(encoderName, config) : encoderName;
  const recipeName = typeof recipe === 'string' ? recipe : preset.name;
  const epochs = wholeNumber('epochs', config.epochs ?? preset.epochs, 1);
  const batchSize = wholeNumber('batchSize', config.batchSize ?? preset.batchSize, 2);
  const seed = wholeNumber('seed', config.seed ?? 0, 0);
  const neighbours = wholeNumber('neighbours', config.neighbours ?? 20, 1);
  const size = config.size === undefined ? null : wholeNumber('size', config.size, 1);
  const threads = config.threads === undefined ? undefined : wholeNumber('threads', config.threads, 1);
  const { data = 'embedded', out = 'runs', name = `${recipeName}-${preset.name}` } = config;
  const backend = parseBackend(config.backend ?? 'wasm');
  const plain = { preset: preset.name, data, encoder: encoder.name, size, epochs, batchSize, seed, backend, neighbours };
  return {
    preset,
    encoder,
    data,
    size,
    epochs,
    batchSize,
    seed,
    folder: join(out, name),
    backend,
    threads,
    neighbours,
    resolved: { recipe: recipeName, source: preset.source, ...plain, threads: threads ?? null },
  };
}

/** @throws CliError (2) */
export function wholeNumber(what: string, value: unknown, least: number): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < least) {
    throw usageError(`${what} is ${JSON.stringify(value)}, but it must be a whole number of at least ${least}.`);
  }
  return number;
}
