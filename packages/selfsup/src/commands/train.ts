import { join } from 'node:path';
import type { CAC } from 'cac';
import { aboutRun } from '../about.ts';
import { backendHelp } from '../backends/names.ts';
import { selectBackend } from '../backends/select.ts';
import type { Config } from '../config.ts';
import { checkpointsIn, refuseChanges, startedWith } from '../checkpoint.ts';
import { configFile, loadConfig } from '../config.ts';
import { openData } from '../data.ts';
import { addDataOptions, dataKeys, decoderOf } from '../data-settings.ts';
import { encoderKeys, encoderNames } from '../encoders.ts';
import { runExperiment } from '../experiment.ts';
import { decodingOf, imageSize } from '../geometry.ts';
import { abortOnInterrupt } from '../interrupt.ts';
import { presetNames, recipes } from '../registry.ts';
import { createReporter } from '../reporter.ts';
import { writeResults } from '../results.ts';
import { createRunFolder, openRunFolder } from '../run-folder.ts';
import { resolveSettings } from '../settings.ts';
import { createSkipLog } from '../skipped.ts';
import { prepareTraining } from '../training.ts';

interface TrainFlags extends Omit<Config, 'recipe' | 'encoder'> {
  readonly encoder?: string;
  readonly config?: string;
  readonly resume?: string;
  readonly json?: boolean;
}

export function addTrainCommand(program: CAC): void {
  addDataOptions(program.command('train [recipe]', `Train an encoder: ${Object.keys(recipes).join(', ')}`), { trains: true })
    .option('--preset <name>', `Hyper-parameters of the recipe (default: small). ${presetNames()}`)
    .option('--encoder <name>', `${encoderNames.join(', ')} (default: small)`)
    .option('--width <n>', 'Channels of the first stage (small), or channel multiplier (all but vit…)')
    .option('--stages <n>', 'Stages of small, each at half the side of the one before (default: 3)')
    .option('--widths <n,n,…>', 'Channels of each stage of small, in place of --width and --stages')
    .option('--block <name>', 'Of small: basic, or bottleneck, with four times the features (default: basic)')
    .option('--stride <n>', 'Of the first convolution of small: 1 or 2 (default: 1)')
    .option('--pool-to <n>', 'Cells a side whose means are the features of small (default: 1, the mean of all)')
    .option('--stem <name>', 'cifar or imagenet, for resnet… (default: imagenet)')
    .option('--patch <px>', 'Side of a patch, for vit… (default: 16)')
    .option('--init <name>', "Weights that small starts from: he or torch, PyTorch's default (default: he)")
    .option('--size <px>', 'Side of a view (default: that of the images)')
    .option('--epochs <n>', "Passes over the images (default: the preset's)")
    .option('--batch-size <n>', "Images a step (default: the preset's)")
    .option('--learning-rate <n>', "Rate after the warm-up, as it is: not scaled by the batch size (default: the preset's)")
    .option('--seed <n>', 'Draws weights, order and views (default: 0)')
    .option('--neighbours <k>', 'k of the kNN evaluation (default: 200)')
    .option('--name <name>', 'Folder of this run below --out (default: recipe-preset)')
    .option('--out <folder>', 'Where runs are kept (default: runs)')
    .option('--backend <name>', backendHelp)
    .option('--threads <n>', 'Threads of the wasm backend (default: all cores)')
    .option('--config <file>', "A module or a run's config.json (default: selfsup.config.js or .mjs, where there is one)")
    .option('--resume <run>', 'The folder of a training that was cut off: it goes on where it stood, with the settings that it has')
    .option('--json', 'Print one JSON object a line instead of text')
    .example('selfsup train simsiam')
    .example('selfsup train byol --data ./photos --size 64 --preset cifar --encoder resnet18 --stem cifar')
    .example('selfsup train --resume runs/simsiam-small')
    .example('selfsup train --config runs/simsiam-small/config.json --name again --seed 1')
    .action(train);
}

async function train(recipe: string | undefined, flags: TrainFlags): Promise<number> {
  const { resume, json, ...rest } = flags;
  const before: Readonly<Record<string, unknown>> = resume === undefined ? {} : await startedWith(resume);
  const file = flags.config ?? (resume === undefined ? undefined : join(resume, 'config.json'));
  // A run keeps its decoder also where its config file is an older one, or names none.
  const decoder: Config = resume === undefined ? {} : { jpeg: before['jpeg'] as Config['jpeg'] & {} };
  const given = { ...decoder, ...(await loadConfig(file)), ...known(rest), ...(recipe === undefined ? {} : { recipe }) };
  const settings = resolveSettings(given);
  if (resume !== undefined) refuseChanges(resume, before, { ...settings.resolved });
  const reporter = createReporter({ json: json ?? false });
  const interrupt = abortOnInterrupt(reporter);
  try {
    const { preset, encoder, seed } = settings;
    const { backend, threads } = await selectBackend({ ...settings, warn: reporter.warn });
    const data = await openData(settings.data, decodingOf(settings.size), { mixShards: true });
    const size = await imageSize(data, settings.size);
    const origin = typeof given.recipe === 'string' ? { recipe: given.recipe, preset: preset.name } : { config: configFile(file)! };
    const { onError, shuffleBuffer, workers } = settings.data;
    const skipLog = createSkipLog();
    const { onSkipped } = skipLog;
    const training = await prepareTraining({ ...settings, origin }, { ...settings, data, size, shuffleBuffer, workers, onError, onSkipped });
    const folder = resume === undefined ? await createRunFolder(settings.folder) : openRunFolder(resume);
    const checkpoints = await checkpointsIn(folder, ['checkpoint.safetensors'], resume !== undefined);
    const config = { ...settings.resolved, size, backend, threads, about: aboutRun(data, encoder, [preset]) };
    await folder.writeJson('config.json', config);
    const { signal } = interrupt;
    const toResume = `selfsup train --resume ${folder.path}`;
    const result = await runExperiment({ ...settings, trainings: [training], data, decoder: decoderOf(settings.data), size, folder, reporter, signal, onError, onSkipped, checkpoints, toResume });
    skipLog.tell(reporter, data);
    const code = await writeResults({ title: `${settings.resolved.recipe} on ${data.train.name}`, result, data, folder, reporter, config, seed });
    if (result.finished) for (const { drop } of checkpoints) await drop();
    return code;
  } finally {
    interrupt.release();
  }
}

const settable: readonly (keyof Config)[] = [...dataKeys, 'preset', 'encoder', ...encoderKeys, 'size', 'epochs', 'batchSize', 'learningRate', 'seed', 'neighbours', 'name', 'out', 'backend', 'threads'];

/** What of the flags is a setting. */
function known(flags: TrainFlags): Config {
  return Object.fromEntries(settable.map((key) => [key, flags[key as keyof TrainFlags]]).filter(([, value]) => value !== undefined));
}
