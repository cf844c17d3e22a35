import { join } from 'node:path';
import { take } from '@selfsup/data';
import type { MetricPoint } from '@selfsup/eval';
import type { NetSpec } from '@selfsup/layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Checkpoints } from './checkpoint.ts';
import type { Data } from './data.ts';
import type { Decoder } from './data-settings.ts';
import { isIndexed } from './data.ts';
import { writeEncoder } from './encoder-folder.ts';
import { createEvaluation, sourceFeatures } from './evaluation.ts';
import type { Evaluation, Score, Skipping, SourceFeatures, SplitFeatures } from './evaluation.ts';
import { preprocessingFor, rendererOf } from './geometry.ts';
import type { Preprocessing } from './geometry.ts';
import { mapSize, mappedSource } from './pictures.ts';
import { pretrain } from './pretrain.ts';
import type { Reporter } from './reporter.ts';
import type { RunFolder } from './run-folder.ts';
import { spreadOf } from './spread.ts';
import type { Spread } from './spread.ts';
import type { Training } from './training.ts';

/** One line of the results: a representation, how good it is, and how it spreads out. */
export interface ResultRow extends Score {
  readonly name: string;
  readonly spread?: Spread;
}

export interface ExperimentOptions extends Skipping {
  readonly trainings: readonly Training[];
  readonly encoder: NetSpec;
  readonly data: Data;
  readonly decoder: Decoder;
  /** Side of a view in pixels. */
  readonly size: number;
  readonly seed: number;
  readonly neighbours: number;
  readonly folder: RunFolder;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  /** Of each training, in their order. */
  readonly checkpoints: readonly Checkpoints[];
  /** The call that takes it up again after an interruption. */
  readonly toResume: string;
}

/** A method that was trained, wholly or not: its curve, and its features of the images that the report shows. */
export interface TrainedMethod {
  readonly name: string;
  readonly curve: readonly MetricPoint[];
  /** Null when the training did not end by itself. */
  readonly features: SourceFeatures | null;
}

export interface ExperimentResult {
  readonly finished: boolean;
  readonly seconds: number;
  readonly rows: readonly ResultRow[];
  readonly methods: readonly TrainedMethod[];
  readonly preprocessing: Preprocessing;
  /** What ended it before its time, other than an interruption. What was there before is in the other fields. */
  readonly failure?: unknown;
}

/**
 * Trains each method from the same initial seed, exports its encoder, and judges it beside raw pixels and the untrained
 * encoder where labels allow. An interrupted training exports its encoder and is not judged; those after it are left out.
 * Of an experiment that is taken up again, a training that had ended takes no step, and is judged from its last checkpoint.
 */
export async function runExperiment(options: ExperimentOptions): Promise<ExperimentResult> {
  const { trainings, data, decoder, size, signal } = options;
  const start = performance.now();
  const preprocessing = preprocessingFor(data, size, trainings[0]?.normalize, decoder);
  const evaluation = data.test && createEvaluation({ ...options, train: data.train, test: data.test, renderer: rendererOf(preprocessing) });
  if (!evaluation) options.reporter.say('There are no labelled test images, so nothing is judged by kNN or linear probe.');
  const rows: ResultRow[] = [];
  const methods: TrainedMethod[] = [];
  const context = { ...options, preprocessing, evaluation, rows, methods };
  const result = (finished: boolean): ExperimentResult => ({
    finished,
    seconds: (performance.now() - start) / 1000,
    rows,
    methods,
    preprocessing,
  });
  try {
    if (evaluation) await judgeBaselines(evaluation, context);
    for (const [i, training] of trainings.entries()) {
      if (signal.aborted || !(await trainOne(training, { ...context, checkpoints: options.checkpoints[i]! }))) return result(false);
    }
    return result(true);
  } catch (failure) {
    return { ...result(false), failure };
  } finally {
    for (const { batches } of trainings) await batches.close();
  }
}

interface Context extends Omit<ExperimentOptions, 'checkpoints'> {
  readonly preprocessing: Preprocessing;
  readonly evaluation: Evaluation | null;
  /** Results so far: each part of the experiment adds its own. */
  readonly rows: ResultRow[];
  readonly methods: TrainedMethod[];
}

/** Adds the rows of raw pixels, where they fit in memory, and of the untrained encoder. */
async function judgeBaselines(evaluation: Evaluation, context: Context): Promise<void> {
  const { encoder, seed, reporter, rows, data, size, signal } = context;
  const numbers = (data.train.length + (data.test?.length ?? 0)) * size * size * data.train.channels;
  if (numbers <= mostPixels) {
    reporter.progress('Judging raw pixels …');
    rows.push({ name: 'raw-pixels', ...(await evaluation.score(await evaluation.rawPixels())) });
  } else {
    reporter.say(`Raw pixels are not judged: they would take ${((4 * numbers) / 2 ** 30).toFixed(1)} GiB.`);
  }
  if (signal.aborted) return;
  reporter.progress('Judging the random encoder …');
  const untrained = encoder.build([size, size, data.train.channels], seed);
  try {
    const features = await evaluation.features(untrained);
    rows.push({ name: 'random-encoder', ...(await evaluation.score(features)), spread: spreadOf(features.test) });
  } finally {
    untrained.dispose();
  }
}

/** Values of all images together that raw pixels are judged up to: 1 GiB of them. */
const mostPixels = 2 ** 28;

/** Trains one method and answers whether it came to its end. */
async function trainOne(training: Training, context: Context & { readonly checkpoints: Checkpoints }): Promise<boolean> {
  const { trainings, folder, reporter, preprocessing, methods, checkpoints, toResume } = context;
  const method = training.preset.method(training.methodInput);
  const curve: MetricPoint[] = [...(checkpoints.resume?.curve ?? [])];
  let features: SourceFeatures | null = null;
  try {
    const { finished, features: evaluated } = await pretrain({
      ...context,
      training,
      method,
      curve,
      onRecord: async (record) => {
        await folder.appendMetrics(record);
        reporter.record(record);
      },
    });
    const encoderFolder = join(folder.path, trainings.length === 1 ? 'encoder' : `encoder-${method.name}`);
    await writeEncoder(encoderFolder, method.encoder, preprocessing);
    if (finished) features = await judge(method.name, method.encoder, evaluated, context);
    else reporter.say(`Stopped after step ${curve.length}; the encoder as it is now is in ${encoderFolder}; ${toResume} goes on.`);
    return finished;
  } finally {
    methods.push({ name: method.name, curve, features });
    method.dispose();
  }
}

/** Adds the row of a trained encoder where there are labels, and answers its features of the images that the report shows. */
async function judge(name: string, encoder: LayersModel, evaluated: SplitFeatures | undefined, context: Context): Promise<SourceFeatures> {
  const { data, evaluation, preprocessing, reporter, rows } = context;
  reporter.progress(`Judging ${name} …`);
  if (!evaluation) {
    const source = mappedSource(data);
    const count = mapSize(source, preprocessing);
    const shown = isIndexed(source) ? take(source, count) : { ...source, length: count, labels: null };
    return sourceFeatures(encoder, shown, rendererOf(preprocessing), context);
  }
  const features = evaluated ?? (await evaluation.features(encoder));
  rows.push({ name, ...(await evaluation.score(features)), spread: spreadOf(features.test) });
  return features.test;
}
