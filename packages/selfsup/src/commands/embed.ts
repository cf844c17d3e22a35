import { writeFile } from 'node:fs/promises';
import { evalBatches } from '@selfsup/data';
import { openSource } from '@selfsup/data/node';
import { extractFeatures } from '@selfsup/eval';
import type { CAC } from 'cac';
import { backendNames, parseBackend, selectBackend } from '../backend.ts';
import { readEncoder } from '../encoder-folder.ts';
import { CliError, usageError } from '../error.ts';
import { rendererOf } from '../geometry.ts';
import { encodeNpy } from '../npy.ts';
import { createReporter } from '../reporter.ts';

interface EmbedFlags {
  readonly data?: string;
  readonly split?: string;
  readonly output?: string;
  readonly backend?: string;
}

export function addEmbedCommand(program: CAC): void {
  program
    .command('embed <encoder>', 'Write the features of images as a NumPy array [images, dim]')
    .option('--data <spec>', 'Images, as for train (default: embedded)')
    .option('--split <name>', 'train or test (default: train)')
    .option('--output <file>', 'The file to write (default: features.npy)')
    .option('--backend <name>', `${backendNames.join(' or ')} (default: wasm)`)
    .example('selfsup embed runs/simsiam-small/encoder --data ./photos --output photos.npy')
    .action(embed);
}

async function embed(encoderFolder: string, flags: EmbedFlags): Promise<number> {
  const { split = 'train', output = 'features.npy' } = flags;
  if (split !== 'train' && split !== 'test') throw usageError(`The split "${split}" is not known; choose train or test.`);
  await selectBackend({ backend: parseBackend(flags.backend ?? 'wasm') });
  const { encoder, preprocessing } = await readEncoder(encoderFolder);
  const data = await openSource(flags.data ?? 'embedded');
  const source = data[split];
  if (!source) throw usageError(`${data.train.name} has no test split; leave out --split, or give --data a set that has one.`);
  const features = await extractFeatures(encoder, evalBatches(source, rendererOf(preprocessing), 256));
  try {
    await writeFile(output, encodeNpy(features.data, [features.rows, features.dim]));
  } catch (cause) {
    throw new CliError(1, `${output} cannot be written (${cause instanceof Error ? cause.message : String(cause)}); choose another --output.`);
  }
  createReporter({ json: false }).say(`${output}: ${features.rows} × ${features.dim} features of ${source.name}`);
  return 0;
}
