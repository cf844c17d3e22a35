import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadEncoder, saveEncoder } from '@selfsup/train/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { CliError, reasonInOneLine, usageError } from './error.ts';
import type { Preprocessing } from './geometry.ts';

const preprocessingFile = 'preprocessing.json';

/** Writes f, and beside it what was done to the images that it reads. */
export async function writeEncoder(folder: string, encoder: LayersModel, preprocessing: Preprocessing): Promise<void> {
  await saveEncoder(encoder, folder);
  await writeFile(join(folder, preprocessingFile), `${JSON.stringify(preprocessing, null, 2)}\n`);
}

const isEncoder = (folder: string): boolean => existsSync(join(folder, 'model.json'));

/**
 * The folder of an encoder: the one given, or that of the run which was given.
 * @throws CliError (1) where there is none, (2) where there are several
 */
export function encoderFolderIn(path: string): string {
  if (isEncoder(path)) return path;
  if (isEncoder(join(path, 'encoder'))) return join(path, 'encoder');
  const names = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name) : [];
  const found = names.filter((name) => name.startsWith('encoder-') && isEncoder(join(path, name))).map((name) => join(path, name));
  if (found.length > 1) throw usageError(`${path} holds ${found.length} encoders; give one of ${found.join(', ')}.`);
  if (!found[0]) throw new CliError(1, `No encoder is in ${path}; give the folder of a run, or the one that holds its model.json and weights.bin.`);
  return found[0];
}

/** @throws TrainError, or CliError (1) when the preprocessing is missing or unreadable */
export async function readEncoder(folder: string): Promise<{ readonly encoder: LayersModel; readonly preprocessing: Preprocessing }> {
  const encoder = await loadEncoder(folder);
  try {
    const preprocessing: unknown = JSON.parse(await readFile(join(folder, preprocessingFile), 'utf8'));
    if (!isPreprocessing(preprocessing)) throw new Error('it does not say size, channels, resizeShorter and normalize of images');
    return { encoder, preprocessing };
  } catch (cause) {
    throw new CliError(
      1,
      `${join(folder, preprocessingFile)} cannot be read (${reasonInOneLine(cause)}); ` +
        'it stands beside every encoder that selfsup train writes: copy it from there.',
    );
  }
}

function isPreprocessing(value: unknown): value is Preprocessing {
  const { size, channels, resizeShorter, normalize } = (value ?? {}) as Partial<Preprocessing>;
  const isSide = (side: unknown): boolean => Number.isInteger(side) && Number(side) > 0;
  const perChannel = (values: unknown): boolean => Array.isArray(values) && values.length === channels && values.every(Number.isFinite);
  return isSide(size) && isSide(channels) && (resizeShorter === null || isSide(resizeShorter)) && (normalize === null || (perChannel(normalize?.mean) && perChannel(normalize?.std)));
}
