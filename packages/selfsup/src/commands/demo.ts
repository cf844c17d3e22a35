import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { smallResNet } from '@selfsup/backbones';
import type { CAC } from 'cac';
import { aboutRun } from '../about.ts';
import { selectBackend } from '../backends/select.ts';
import { checkpointsIn, refuseChanges, startedWith } from '../checkpoint.ts';
import { openData } from '../data.ts';
import { decoderOf, resolveData } from '../data-settings.ts';
import { usageError } from '../error.ts';
import { runExperiment } from '../experiment.ts';
import { counted, duration } from '../format.ts';
import { imageSize } from '../geometry.ts';
import { abortOnInterrupt } from '../interrupt.ts';
import { findPreset } from '../registry.ts';
import { createReporter } from '../reporter.ts';
import type { Reporter } from '../reporter.ts';
import { writeResults } from '../results.ts';
import { createRunFolder, moveAside, openRunFolder } from '../run-folder.ts';
import type { RunFolder } from '../run-folder.ts';
import { text, threadCount, wholeNumber } from '../settings.ts';
import { createSkipLog } from '../skipped.ts';
import { prepareTraining } from '../training.ts';
import type { Training } from '../training.ts';

/** Where Debian's package `dataset-fashion-mnist` puts the whole set. */
const fullData = '/usr/share/datasets/fashion-mnist';

interface Plan {
  readonly epochs: number;
  readonly batchSize: number;
  readonly widths: readonly number[];
  readonly block: 'basic' | 'bottleneck';
  readonly stride: number;
  readonly poolTo: number;
  readonly init: 'he' | 'torch';
  /** Side of a view, of the images' side. */
  readonly viewShare: number;
}

/**
 * What the two demos train. The short one takes about five minutes on two cores: few epochs of many steps, on views somewhat smaller than
 * the images, of a network whose work is in few channels and whose features are many, those of each quarter of the image apart. Why these numbers: docs/results.md.
 */
const short: Plan = { epochs: 5, batchSize: 32, widths: [16, 32, 64], block: 'bottleneck', stride: 2, poolTo: 2, init: 'torch', viewShare: 6 / 7 };
const full: Plan = { epochs: 4, batchSize: 128, widths: [32, 64, 128, 256], block: 'basic', stride: 1, poolTo: 1, init: 'he', viewShare: 1 };

/** k of the kNN evaluation. */
const neighbours = 200;

interface DemoFlags {
  readonly full?: boolean;
  readonly data?: string;
  readonly epochs?: number;
  readonly width?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly out?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

export function addDemoCommand(program: CAC): void {
  program
    .command('demo', 'Train SimSiam and BYOL on real images and show what they learned')
    .option('--full', `All 60,000 images of Fashion-MNIST, and longer (default folder: ${fullData})`)
    .option('--data <folder>', 'The folder of the full set')
    .option('--epochs <n>', `Passes over the images (default: ${short.epochs}, with --full ${full.epochs})`)
    .option('--width <n>', `Channels of the first stage; the others grow with it (default: ${short.widths[0]}, with --full ${full.widths[0]})`)
    .option('--seed <n>', 'Draws weights, order and views (default: 0)')
    .option('--threads <n>', 'Threads of the wasm backend (default: all cores)')
    .option('--out <folder>', 'Where runs are kept (default: runs)')
    .option('--resume', 'Go on with the demo below --out that was cut off, with the settings that it has')
    .option('--json', 'Print one JSON object a line instead of text')
    .example('selfsup demo')
    .action(demo);
}

async function demo(flags: DemoFlags): Promise<number> {
  const reporter = createReporter({ json: flags.json ?? false });
  const out = text('out', flags.out ?? 'runs');
  const path = join(out, flags.full ? 'demo-full' : 'demo');
  const before = flags.resume ? await startedWith(path) : null;
  const plan = flags.full ? full : short;
  const defaults = { ...plan, data: flags.full ? fullData : 'embedded', seed: 0, ...before };
  const { batchSize, block, stride, poolTo, init } = defaults;
  const epochs = wholeNumber('epochs', flags.epochs ?? defaults.epochs, 1);
  const widths = flags.width === undefined ? defaults.widths : widened(plan, wholeNumber('width', flags.width, 1));
  const seed = wholeNumber('seed', flags.seed ?? defaults.seed, 0);
  const asked = threadCount(flags.threads);
  const spec = text('data', flags.data ?? defaults.data);
  if (spec === fullData && !existsSync(fullData)) {
    throw usageError(`${fullData} does not exist; install Debian's dataset-fashion-mnist, or give --data the folder of the four IDX files.`);
  }
  const interrupt = abortOnInterrupt(reporter);
  try {
    const backend = 'wasm';
    const { threads } = await selectBackend({ backend, threads: asked });
    const settings = resolveData({ data: spec }, seed);
    const data = await openData(settings);
    const size = await imageSize(data, null);
    const viewSize = Math.round(size * plan.viewShare);
    const encoder = smallResNet({ widths, block, stride, poolTo, init });
    const { onError, shuffleBuffer, workers } = settings;
    const { onSkipped, tell } = createSkipLog();
    const recipes = ['simsiam', 'byol'];
    const presets = recipes.map((recipe) => findPreset(recipe, 'small'));
    if (data.train.length < batchSize) {
      throw usageError(`${data.train.name} has ${counted(data.train.length, 'image')}, and the demo takes at least ${batchSize}, one batch; train on fewer with selfsup train --batch-size.`);
    }
    const trainings: Training[] = [];
    for (const [at, preset] of presets.entries()) {
      const origin = { recipe: recipes[at]!, preset: preset.name };
      const choice = { preset, origin, epochs, batchSize };
      trainings.push(await prepareTraining(choice, { encoder, data, size, viewSize, seed, shuffleBuffer, workers, onError, onSkipped }));
    }
    const config = {
      recipes: recipes.join(', '),
      preset: 'small',
      data: spec,
      encoder: 'small',
      widths,
      block,
      stride,
      poolTo,
      init,
      size,
      viewSize,
      epochs,
      batchSize,
      seed,
      backend,
      threads,
      neighbours,
      about: aboutRun(data, encoder, presets),
    };
    if (before) refuseChanges(path, before, config);
    const folder = before ? openRunFolder(path) : await emptyRunFolder(path, reporter);
    const checkpoints = await checkpointsIn(folder, recipes.map((recipe) => `checkpoint-${recipe}.safetensors`), before !== null);
    await folder.writeJson('config.json', config);
    reporter.say(
      `SimSiam and BYOL on ${data.train.length} images of ${data.train.name}, ${counted(epochs, 'epoch')} each, without labels; ` +
        `then judged on ${data.test?.length ?? 0} test images.`,
    );
    const { signal } = interrupt;
    const toResume = 'the same command with --resume';
    const result = await runExperiment({ trainings, encoder, data, decoder: decoderOf(settings), size, seed, neighbours, folder, reporter, signal, onError, onSkipped, checkpoints, toResume });
    tell(reporter, data);
    const code = await writeResults({ title: 'SimSiam and BYOL on Fashion-MNIST', result, data, folder, reporter, config, seed });
    if (result.finished) for (const { drop } of checkpoints) await drop();
    reporter.say(`${result.finished ? 'Done' : 'Stopped'} in ${duration(result.seconds)}.`);
    return code;
  } finally {
    interrupt.release();
  }
}

/** The plan's widths with another first one. */
const widened = ({ widths }: Plan, first: number): number[] => widths.map((width) => (width / widths[0]!) * first);

async function emptyRunFolder(path: string, reporter: Reporter): Promise<RunFolder> {
  const aside = await moveAside(path);
  if (aside) reporter.say(`The results of the run before were moved to ${aside}.`);
  return createRunFolder(path);
}
