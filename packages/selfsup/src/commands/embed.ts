import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { evalBatches } from '@selfsup/data';
import { openSource } from '@selfsup/data/node';
import { extractFeatures } from '@selfsup/eval';
import type { CAC } from 'cac';
import { backendHelp, defaultBackend, parseBackend } from '../backends/names.ts';
import { selectBackend } from '../backends/select.ts';
import { readEncoder } from '../encoder-folder.ts';
import { CliError, reasonOf, usageError } from '../error.ts';
import { decodingFor, rendererFor } from '../geometry.ts';
import { encodeNpy } from '../npy.ts';
import { createReporter } from '../reporter.ts';
import { text } from '../settings.ts';

interface EmbedFlags {
  readonly data?: string;
  readonly split?: string;
  readonly output?: string;
  readonly backend?: string;
  readonly json?: boolean;
}

export function addEmbedCommand(program: CAC): void {
  program
    .command('embed <encoder>', 'Write the features of images as a NumPy array [images, dim]')
    .option('--data <spec>', 'Images, as for train (default: embedded)')
    .option('--split <name>', 'train or test (default: train)')
    .option('--output <file>', 'The file to write (default: features.npy)')
    .option('--backend <name>', backendHelp)
    .option('--json', 'Print one JSON object instead of text')
    .example('selfsup embed runs/simsiam-small/encoder --data ./photos --output photos.npy')
    .action(embed);
}

async function embed(encoderFolder: string, flags: EmbedFlags): Promise<number> {
  const { split = 'train' } = flags;
  const output = text('output', flags.output ?? 'features.npy');
  if (split !== 'train' && split !== 'test') throw usageError(`The split "${split}" is not known; choose train or test.`);
  const backend = parseBackend(flags.backend ?? defaultBackend);
  const reporter = createReporter({ json: flags.json ?? false });
  const file = await createFile(output);
  try {
    await selectBackend({ backend, warn: reporter.warn });
    const { encoder, preprocessing } = await readEncoder(encoderFolder);
    const data = await openSource(text('data', flags.data ?? 'embedded'), decodingFor(preprocessing));
    const source = data[split];
    if (!source) throw usageError(`${data.train.name} has no test split; leave out --split, or give --data a set that has one.`);
    // Row i is image i, so an image that cannot be read is an error here.
    const features = await extractFeatures(encoder, evalBatches(source, rendererFor(preprocessing, source), 256));
    await file.writeFile(encodeNpy(features.data, [features.rows, features.dim]));
    reporter.say(`${output}: ${features.rows} × ${features.dim} features of ${source.name}`);
    reporter.record({ type: 'features', output, rows: features.rows, dim: features.dim, source: source.name });
    return 0;
  } catch (error) {
    await rm(output, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** A new file, before the work that it is for, so that the work is not in vain. */
async function createFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw usageError(`${path} exists already; choose another --output, or move that file away.`);
    }
    throw new CliError(1, `${path} cannot be written (${reasonOf(cause)}); choose another --output.`, { cause });
  }
}
