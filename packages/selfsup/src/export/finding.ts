import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { encoderFolderIn } from '../encoder-folder.ts';
import { CliError, reasonInOneLine } from '../error.ts';

/** One line of `results.json`, accuracies as fractions. */
export interface ResultLine {
  readonly name: string;
  readonly knn: number;
  readonly linear: number;
  readonly protocol: string;
}

/** What a run's folder tells of the training that an encoder comes from. */
export interface RunRecord {
  readonly name: string;
  /** `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** `results.json`, where the run came to its end. */
  readonly results: readonly ResultLine[];
}

/** An encoder that is to be exported, and the run that it comes from where that is known. */
export interface FoundEncoder {
  readonly folder: string;
  /** The method that `demo` names in the folder of each encoder. */
  readonly method: string | undefined;
  readonly run: RunRecord | undefined;
}

/**
 * The encoder in a folder, or in the run that a folder is of.
 * @throws CliError (1) where there is none, (2) where there are several, or where the run's files cannot be read
 */
export async function findEncoderFolder(path: string): Promise<FoundEncoder> {
  const folder = encoderFolderIn(path);
  const name = basename(resolve(folder));
  return { folder, method: name.startsWith('encoder-') ? name.slice('encoder-'.length) : undefined, run: await readRun(dirname(resolve(folder))) };
}

async function readRun(folder: string): Promise<RunRecord | undefined> {
  const config = await readJson<Record<string, unknown>>(join(folder, 'config.json'));
  // Any project may have a config.json beside an encoder.
  if (typeof (config?.['about'] as { selfsup?: unknown } | undefined)?.selfsup !== 'string') return undefined;
  const results = await readJson<{ readonly rows?: readonly ResultLine[] }>(join(folder, 'results.json'));
  return { name: basename(folder), config: config!, results: results?.rows ?? [] };
}

async function readJson<T>(path: string): Promise<T | undefined> {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (cause) {
    throw new CliError(1, `${path} cannot be read (${reasonInOneLine(cause)}); mend it or move it away.`, { cause });
  }
}
