import { rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CAC } from 'cac';
import { backendHelp, defaultBackend, parseBackend } from '../backends/names.ts';
import { selectBackend } from '../backends/select.ts';
import { loadConfig } from '../config.ts';
import { openData } from '../data.ts';
import { addDataOptions, dataFlags, resolveData } from '../data-settings.ts';
import type { DataConfig } from '../data-settings.ts';
import { encoderFolderIn, readEncoder } from '../encoder-folder.ts';
import { CliError, reasonOf, usageError } from '../error.ts';
import { sourceFeatures } from '../evaluation.ts';
import type { SourceFeatures } from '../evaluation.ts';
import { counted } from '../format.ts';
import { decodingFor, rendererFor } from '../geometry.ts';
import { undoOnInterrupt } from '../interrupt.ts';
import { makeFolder } from '../make-folder.ts';
import { encodeNpy } from '../npy.ts';
import { createReporter } from '../reporter.ts';
import { text, threadCount, wholeNumber } from '../settings.ts';
import { createSkipLog } from '../skipped.ts';

interface EmbedFlags extends DataConfig {
  readonly config?: string;
  readonly seed?: number;
  readonly split?: string;
  readonly output?: string;
  readonly backend?: string;
  readonly threads?: number;
  readonly json?: boolean;
}

export function addEmbedCommand(program: CAC): void {
  addDataOptions(program.command('embed <encoder>', 'Write the features of images as a NumPy array [images, dim]'), { trains: false })
    .option('--split <name>', 'train or test (default: train)')
    .option('--output <file>', 'The file to write (default: features.npy)')
    .option('--seed <n>', 'Draws the images of --fraction (default: 0)')
    .option('--config <file>', 'A config file that says what data to read (default: selfsup.config.js or .mjs, where there is one)')
    .option('--backend <name>', backendHelp)
    .option('--threads <n>', 'Threads of the wasm backend (default: all cores)')
    .option('--json', 'Print one JSON object instead of text')
    .example('selfsup embed runs/simsiam-small/encoder --data ./photos --output photos.npy')
    .action(embed);
}

async function embed(encoderPath: string, flags: EmbedFlags): Promise<number> {
  const { split = 'train' } = flags;
  const output = text('output', flags.output ?? 'features.npy');
  if (split !== 'train' && split !== 'test') throw usageError(`The split "${split}" is not known; choose train or test.`);
  const backend = parseBackend(flags.backend ?? defaultBackend);
  const threads = threadCount(flags.threads);
  const seed = wholeNumber('seed', flags.seed ?? 0, 0);
  const config = { ...(await loadConfig(flags.config)), ...dataFlags({ ...flags }) };
  // What is wrong with the call is said before the work begins.
  resolveData(config, seed);
  const reporter = createReporter({ json: flags.json ?? false });
  await selectBackend({ backend, threads, warn: reporter.warn });
  const { encoder, preprocessing } = await readEncoder(encoderFolderIn(encoderPath));
  let created = false;
  const undo = (): void => {
    if (created) rmSync(output, { force: true });
  };
  const interrupt = undoOnInterrupt(undo);
  try {
    await createFile(output);
    created = true;
    const settings = resolveData(config, seed, preprocessing);
    const data = await openData(settings, decodingFor(preprocessing));
    const source = data[split];
    if (!source) throw usageError(`${data.train.name} has no test split; leave out --split, or give --data a set that has one.`);
    const { onSkipped, tell } = createSkipLog();
    const { onError } = settings;
    const features = await sourceFeatures(encoder, source, rendererFor(preprocessing, source), { onError, onSkipped });
    const { dim } = features;
    const missing = source.length - features.rows;
    await writeFile(output, encodeNpy(rowPerImage(features, source.length), [source.length, dim]));
    reporter.say(`${output}: ${source.length} × ${dim} features of ${source.name}${missing === 0 ? '' : `, ${counted(missing, 'row')} of them NaN`}`);
    reporter.record({ type: 'features', output, rows: source.length, dim, missing, source: source.name });
    tell(reporter, { train: source, test: null });
    return 0;
  } catch (error) {
    undo();
    throw error;
  } finally {
    interrupt.release();
  }
}

/** A new file, in a folder that is made if it is missing, before the work that it is for, so that the work is not in vain. */
async function createFile(path: string): Promise<void> {
  const cannot = (cause: unknown): CliError => new CliError(1, `${path} cannot be written (${reasonOf(cause)}); choose another --output.`, { cause });
  await makeFolder(dirname(path)).catch((cause: unknown) => {
    throw cannot(cause);
  });
  try {
    writeFileSync(path, '', { flag: 'wx' });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw usageError(`${path} exists already; choose another --output, or move that file away.`);
    }
    throw cannot(cause);
  }
}

/** A row for every image, so that row i is image i; NaN for one that could not be decoded. */
function rowPerImage({ data, rows, dim, indices }: SourceFeatures, length: number): Float32Array {
  if (rows === length) return data;
  const all = new Float32Array(length * dim).fill(Number.NaN);
  for (const [row, index] of indices.entries()) all.set(data.subarray(row * dim, (row + 1) * dim), index * dim);
  return all;
}
