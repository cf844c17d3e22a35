import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openSource } from '@selfsup/data/node';
import type { CAC } from 'cac';
import { selectBackend } from '../backend.ts';
import { usageError } from '../error.ts';
import { runExperiment } from '../experiment.ts';
import { duration } from '../format.ts';
import { viewSize } from '../geometry.ts';
import { abortOnInterrupt } from '../interrupt.ts';
import { findEncoder, findPreset } from '../registry.ts';
import { createReporter } from '../reporter.ts';
import { writeResults } from '../results.ts';
import { createRunFolder, moveAside } from '../run-folder.ts';
import { wholeNumber } from '../settings.ts';

/** Where Debian's package `dataset-fashion-mnist` puts the whole set. */
const fullData = '/usr/share/datasets/fashion-mnist';

/** How long the two demos train: chosen so that the short one ends well within six minutes on two cores. */
const short = { epochs: 4, width: 16 };
const full = { epochs: 20, width: 32 };

interface DemoFlags {
  readonly full?: boolean;
  readonly data?: string;
  readonly epochs?: number;
  readonly width?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly out?: string;
  readonly json?: boolean;
}

export function addDemoCommand(program: CAC): void {
  program
    .command('demo', 'Train SimSiam and BYOL on real images and show what they learned')
    .option('--full', `All 60,000 images of Fashion-MNIST, and longer (default folder: ${fullData})`)
    .option('--data <folder>', 'The folder of the full set')
    .option('--epochs <n>', `Passes over the images (default: ${short.epochs}, with --full ${full.epochs})`)
    .option('--width <n>', `Channels of the first stage (default: ${short.width}, with --full ${full.width})`)
    .option('--seed <n>', 'Draws weights, order and views (default: 0)')
    .option('--threads <n>', 'Threads of the wasm backend (default: all cores)')
    .option('--out <folder>', 'Where runs are kept (default: runs)')
    .option('--json', 'Print one JSON object a line instead of text')
    .example('selfsup demo')
    .action(demo);
}

async function demo(flags: DemoFlags): Promise<number> {
  const reporter = createReporter({ json: flags.json ?? false });
  const defaults = flags.full ? full : short;
  const epochs = wholeNumber('epochs', flags.epochs ?? defaults.epochs, 1);
  const width = wholeNumber('width', flags.width ?? defaults.width, 1);
  const seed = wholeNumber('seed', flags.seed ?? 0, 0);
  const threads = flags.threads === undefined ? undefined : wholeNumber('threads', flags.threads, 1);
  const spec = flags.data ?? (flags.full ? fullData : 'embedded');
  if (flags.full && flags.data === undefined && !existsSync(fullData)) {
    throw usageError(`${fullData} does not exist; install Debian's dataset-fashion-mnist, or give --data the folder of the four IDX files.`);
  }
  const interrupt = abortOnInterrupt(() => reporter.say('Stopping after this step; press Ctrl-C again to stop at once.'));
  try {
    await selectBackend({ backend: 'wasm', ...(threads === undefined ? {} : { threads }) });
    const data = await openSource(spec);
    const size = viewSize(data, null);
    const path = join(flags.out ?? 'runs', flags.full ? 'demo-full' : 'demo');
    const aside = await moveAside(path);
    if (aside) reporter.say(`The results of the run before were moved to ${aside}.`);
    const folder = await createRunFolder(path);
    const trainings = ['simsiam', 'byol'].map((recipe) => {
      const preset = findPreset(recipe, 'small');
      return { preset, epochs, batchSize: preset.batchSize };
    });
    const config = { data: spec, encoder: 'small', width, epochs, batchSize: trainings[0]!.batchSize, seed, threads: threads ?? null };
    await folder.writeJson('config.json', config);
    reporter.say(
      `SimSiam and BYOL on ${data.train.length} images of ${data.train.name}, ${epochs} epochs each, without labels; ` +
        `then judged on ${data.test?.length ?? 0} test images.`,
    );
    const result = await runExperiment({
      trainings,
      encoder: findEncoder('small', { width }),
      data,
      size,
      seed,
      neighbours: 20,
      folder,
      reporter,
      signal: interrupt.signal,
    });
    await writeResults({ title: 'SimSiam and BYOL on Fashion-MNIST', result, data, folder, reporter, config, seed });
    reporter.say(`Done in ${duration(result.seconds)}.`);
    return result.finished ? 0 : 130;
  } finally {
    interrupt.release();
  }
}
