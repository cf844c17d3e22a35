import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadEncoder, saveEncoder } from '@selfsup/train/node';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { CliError, reasonOf } from './error.ts';
import type { Preprocessing } from './geometry.ts';

const preprocessingFile = 'preprocessing.json';

/** Writes f, and beside it what was done to the images that it reads. */
export async function writeEncoder(folder: string, encoder: LayersModel, preprocessing: Preprocessing): Promise<void> {
  await saveEncoder(encoder, folder);
  await writeFile(join(folder, preprocessingFile), `${JSON.stringify(preprocessing, null, 2)}\n`);
}

/** @throws TrainError, or CliError (1) when the preprocessing is missing or unreadable */
export async function readEncoder(folder: string): Promise<{ readonly encoder: LayersModel; readonly preprocessing: Preprocessing }> {
  const encoder = await loadEncoder(folder);
  try {
    const preprocessing = JSON.parse(await readFile(join(folder, preprocessingFile), 'utf8')) as Preprocessing;
    return { encoder, preprocessing };
  } catch (cause) {
    throw new CliError(
      1,
      `${join(folder, preprocessingFile)} cannot be read (${reasonOf(cause)}); ` +
        'it stands beside every encoder that selfsup train writes.',
    );
  }
}
