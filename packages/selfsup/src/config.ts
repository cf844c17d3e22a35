import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { NetSpec } from '@selfsup/layers';
import type { Preset } from '@selfsup/recipes/preset';
import { usageError } from './error.ts';

/** What a config file may set. Options of the command line win over it. */
export interface Config {
  /** `'byol'`, `'simsiam'`, or a preset of your own: any method is trained the same way. */
  readonly recipe?: string | Preset<string>;
  /** Which of the recipe's presets, by name. */
  readonly preset?: string;
  /** `'embedded'`, or the path of IDX files, CIFAR binaries or a folder of images. */
  readonly data?: string;
  /** `'small'`, `'resnet18'`, …, or a network of your own. */
  readonly encoder?: string | NetSpec;
  /** Channel multiplier of a ResNet; channels of the first stage for `'small'`. */
  readonly width?: number;
  readonly stem?: 'cifar' | 'imagenet';
  /** Side of a view in pixels. */
  readonly size?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly seed?: number;
  /** Folder name of the run. */
  readonly name?: string;
  /** Folder that runs are kept in. */
  readonly out?: string;
  readonly backend?: 'wasm' | 'cpu';
  readonly threads?: number;
  /** Neighbours of the kNN evaluation. */
  readonly neighbours?: number;
}

/** Types a config file: `export default defineConfig({ … })`. */
export function defineConfig(config: Config): Config {
  return config;
}

const defaultFiles = ['selfsup.config.js', 'selfsup.config.mjs'];

/**
 * The config file given, or the one in the working folder, or nothing.
 * @throws CliError (2) when the file is missing, does not load, or sets something unknown
 */
export async function loadConfig(path: string | undefined): Promise<Config> {
  const file = path ?? defaultFiles.find((name) => existsSync(name));
  if (file === undefined) return {};
  if (!existsSync(file)) throw usageError(`The config file ${file} does not exist; give --config a path that does.`);
  let loaded: unknown;
  try {
    const module = (await import(pathToFileURL(resolve(file)).href)) as { default?: unknown };
    loaded = module.default;
  } catch (cause) {
    throw usageError(`The config file ${file} does not load (${cause instanceof Error ? cause.message : String(cause)}).`);
  }
  if (typeof loaded !== 'object' || loaded === null) {
    throw usageError(`The config file ${file} has no default export; write \`export default defineConfig({ … })\`.`);
  }
  const unknown = Object.keys(loaded).filter((key) => !knownKeys.includes(key));
  if (unknown.length > 0) {
    throw usageError(`The config file ${file} sets ${unknown.join(', ')}, but known are ${knownKeys.join(', ')}.`);
  }
  return loaded;
}

const knownKeys: readonly string[] = [
  'recipe',
  'preset',
  'data',
  'encoder',
  'width',
  'stem',
  'size',
  'epochs',
  'batchSize',
  'seed',
  'name',
  'out',
  'backend',
  'threads',
  'neighbours',
] satisfies (keyof Config)[];
