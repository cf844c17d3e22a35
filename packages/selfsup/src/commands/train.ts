import { openSource } from '@selfsup/data/node';
import type { CAC } from 'cac';
import { backendNames, selectBackend } from '../backend.ts';
import type { Config } from '../config.ts';
import { loadConfig } from '../config.ts';
import { usageError } from '../error.ts';
import { runExperiment } from '../experiment.ts';
import { viewSize } from '../geometry.ts';
import { abortOnInterrupt } from '../interrupt.ts';
import { encoderNames, recipes } from '../registry.ts';
import { createReporter } from '../reporter.ts';
import { writeResults } from '../results.ts';
import { createRunFolder } from '../run-folder.ts';
import { resolveSettings, wholeNumber } from '../settings.ts';

interface TrainFlags extends Omit<Config, 'recipe' | 'encoder'> {
  readonly encoder?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function addTrainCommand(program: CAC): void {
  program
    .command('train [recipe]', `Train an encoder: ${Object.keys(recipes).join(', ')}`)
    .option('--data <spec>', '"embedded", a folder of images, of IDX files or of CIFAR binaries (default: embedded)')
    .option('--preset <name>', 'Hyper-parameters of the recipe: small, cifar, imagenet… (default: small)')
    .option('--encoder <name>', `${encoderNames.join(', ')} (default: small)`)
    .option('--width <n>', 'Channels of the first stage (small), or channel multiplier (resnet…)')
    .option('--stem <name>', 'cifar or imagenet, for resnet…')
    .option('--size <px>', 'Side of a view (default: that of the images)')
    .option('--epochs <n>', "Passes over the images (default: the preset's)")
    .option('--batch-size <n>', "Images a step (default: the preset's)")
    .option('--seed <n>', 'Draws weights, order and views (default: 0)')
    .option('--neighbours <k>', 'k of the kNN evaluation (default: 20)')
    .option('--name <name>', 'Folder of this run below --out (default: recipe-preset)')
    .option('--out <folder>', 'Where runs are kept (default: runs)')
    .option('--backend <name>', `${backendNames.join(' or ')} (default: wasm)`)
    .option('--threads <n>', 'Threads of the wasm backend (default: all cores)')
    .option('--config <file>', 'A config file (default: selfsup.config.js or .mjs, where there is one)')
    .option('--json', 'Print one JSON object a line instead of text')
    .example('selfsup train simsiam')
    .example('selfsup train byol --data ./photos --size 64 --preset cifar --encoder resnet18 --stem cifar')
    .action(train);
}

async function train(recipe: string | undefined, flags: TrainFlags): Promise<number> {
  const settings = resolveSettings({ ...(await loadConfig(flags.config)), ...fromFlags(flags), ...(recipe ? { recipe } : {}) });
  const reporter = createReporter({ json: flags.json ?? false });
  const interrupt = abortOnInterrupt(() => reporter.say('Stopping after this step; press Ctrl-C again to stop at once.'));
  try {
    await selectBackend(settings);
    const data = await openSource(settings.data);
    const size = viewSize(data, settings.size);
    const folder = await createRunFolder(settings.folder);
    await folder.writeJson('config.json', { ...settings.resolved, size });
    const { preset, epochs, batchSize } = settings;
    const result = await runExperiment({
      ...settings,
      trainings: [{ preset, epochs, batchSize }],
      data,
      size,
      folder,
      reporter,
      signal: interrupt.signal,
    });
    await writeResults({ title: `${settings.resolved['recipe']} on ${data.train.name}`, result, data, folder, reporter, config: settings.resolved, seed: settings.seed });
    return result.finished ? 0 : 130;
  } finally {
    interrupt.release();
  }
}

function fromFlags(flags: TrainFlags): Config {
  const { width, stem } = flags;
  if (stem !== undefined && stem !== 'cifar' && stem !== 'imagenet') {
    throw usageError(`The stem "${String(stem)}" is not known; choose cifar or imagenet.`);
  }
  if (width !== undefined) wholeNumber('width', width, 1);
  const known = ['data', 'preset', 'encoder', 'width', 'stem', 'size', 'epochs', 'batchSize', 'seed', 'neighbours', 'name', 'out', 'backend', 'threads'] as const;
  return Object.fromEntries(known.filter((key) => flags[key] !== undefined).map((key) => [key, flags[key]]));
}
