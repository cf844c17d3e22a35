import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NetSpec } from '@selfsup/layers';
import type { BackendName } from './backends/names.ts';
import type { Preset } from '@selfsup/recipes/preset';
import { dataKeys } from './data-settings.ts';
import type { DataConfig } from './data-settings.ts';
import { encoderKeys } from './encoders.ts';
import { reasonOf, usageError } from './error.ts';

/** What a config file may set. Options of the command line win over it. */
export interface Config extends DataConfig {
  /** `'byol'`, `'simsiam'`, or a preset of your own: any method is trained the same way. */
  readonly recipe?: string | Preset<string>;
  /** Which of the recipe's presets, by name. */
  readonly preset?: string;
  /** `'small'`, `'resnet18'`, …, or a network of your own. */
  readonly encoder?: string | NetSpec;
  /** Channel multiplier; channels of the first stage for `'small'`. */
  readonly width?: number;
  /** Stages of `'small'`, each at half the side of the one before. */
  readonly stages?: number;
  /** Channels of each stage of `'small'`, in place of `width` and `stages`. */
  readonly widths?: readonly number[];
  /** Of `'small'`. */
  readonly block?: 'basic' | 'bottleneck';
  /** Of the first convolution of `'small'`: 1 or 2. */
  readonly stride?: number;
  /** Cells a side whose means are the features of `'small'`; 1 by default. */
  readonly poolTo?: number;
  /** Of a ResNet. */
  readonly stem?: 'cifar' | 'imagenet';
  /** Side of a patch of a vision transformer, in pixels. */
  readonly patch?: number;
  /** Of the weights of `'small'`: He's, or PyTorch's default. */
  readonly init?: 'he' | 'torch';
  /** Side of a view in pixels. */
  readonly size?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  /** After the warm-up, in place of the preset's; it is not scaled by the batch size. */
  readonly learningRate?: number;
  readonly seed?: number;
  /** Folder name of the run. */
  readonly name?: string;
  /** Folder that runs are kept in. */
  readonly out?: string;
  readonly backend?: BackendName;
  readonly threads?: number;
  /** Neighbours of the kNN evaluation. */
  readonly neighbours?: number;
  /** What a run's `config.json` says about itself; changes nothing. */
  readonly about?: Readonly<Record<string, unknown>>;
}

/** Types a config file: `export default defineConfig({ … })`. */
export function defineConfig(config: Config): Config {
  return config;
}

const defaultFiles = ['selfsup.config.js', 'selfsup.config.mjs'];

/** The absolute path of the config file given, or of the one in the working folder; null where there is none. */
export function configFile(path: string | undefined): string | null {
  const file = path ?? defaultFiles.find((name) => existsSync(name));
  return file === undefined ? null : resolve(file);
}

/**
 * The config file given (a module, or the `config.json` of a run), or the one in the working folder, or nothing.
 * @throws CliError (2) when the file is missing, does not load, or sets something unknown
 */
export async function loadConfig(path: string | undefined): Promise<Config> {
  const file = path ?? defaultFiles.find((name) => existsSync(name));
  if (file === undefined) return {};
  if (!existsSync(file)) throw usageError(`The config file ${file} does not exist; give --config a path that does.`);
  const loaded = await load(file).catch((cause: unknown) => {
    throw usageError(`The config file ${file} does not load (${reasonOf(cause).split('\n')[0]}); give --config a module or a run's config.json.`);
  });
  if (typeof loaded !== 'object' || loaded === null || Array.isArray(loaded)) {
    throw usageError(`The config file ${file} has no object as its default export; write \`export default defineConfig({ … })\`.`);
  }
  const unknown = Object.keys(loaded).filter((key) => !knownKeys.includes(key));
  if (unknown.length > 0) {
    throw usageError(`The config file ${file} sets ${unknown.join(', ')}, but known are ${knownKeys.join(', ')}.`);
  }
  return loaded;
}

async function load(file: string): Promise<unknown> {
  if (file.endsWith('.json')) return JSON.parse(await readFile(file, 'utf8'));
  return ((await import(pathToFileURL(resolve(file)).href)) as { default?: unknown }).default;
}

const knownKeys: readonly string[] = [
  'recipe',
  'preset',
  'encoder',
  ...encoderKeys,
  'size',
  'epochs',
  'batchSize',
  'learningRate',
  'seed',
  'name',
  'out',
  'backend',
  'threads',
  'neighbours',
  'about',
  ...dataKeys,
] satisfies (keyof Config)[];
