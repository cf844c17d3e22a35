import { join } from 'node:path';
import type { ImageSource, Splits } from '@selfsup/data';
import type { NetSpec } from '@selfsup/layers';
import type { Labels, Preset } from '@selfsup/recipes/preset';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { writeEncoder } from './encoder-folder.ts';
import { createEvaluation, maximum } from './evaluation.ts';
import type { Evaluation, Score } from './evaluation.ts';
import { preprocessingFor, rendererOf } from './geometry.ts';
import { pretrain } from './pretrain.ts';
import type { PretrainResult } from './pretrain.ts';
import type { Reporter } from './reporter.ts';
import type { RunFolder } from './run-folder.ts';

/** One line of the results: a representation and how good it is. */
export interface ResultRow extends Score {
  readonly name: string;
}

/** One preset to train, with what was changed of it. */
export interface Training {
  readonly preset: Preset<string>;
  readonly epochs: number;
  readonly batchSize: number;
}

export interface ExperimentOptions {
  readonly trainings: readonly Training[];
  readonly encoder: NetSpec;
  readonly data: Splits;
  /** Side of a view in pixels. */
  readonly size: number;
  readonly seed: number;
  readonly neighbours: number;
  readonly folder: RunFolder;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/** A trained method: its curves, and its features of the test images where there are any. */
export interface TrainedMethod {
  readonly name: string;
  readonly result: PretrainResult;
  /** `[test images, dim]` in row-major order. */
  readonly testFeatures: { readonly data: Float32Array; readonly rows: number; readonly dim: number } | null;
}

export interface ExperimentResult {
  readonly finished: boolean;
  readonly seconds: number;
  readonly rows: readonly ResultRow[];
  readonly methods: readonly TrainedMethod[];
}

/**
 * Trains each method from the same initial seed, exports its encoder, and judges it beside raw pixels and the untrained
 * encoder where labels allow. An interrupted training still exports its encoder; those after it are left out.
 */
export async function runExperiment(options: ExperimentOptions): Promise<ExperimentResult> {
  const { trainings, encoder, data, size, neighbours, seed, folder, reporter, signal } = options;
  const start = performance.now();
  const [viewed] = Object.values(trainings[0]!.preset.views({ size, channels: data.train.channels }));
  const preprocessing = preprocessingFor(data, size, viewed?.normalize);
  const renderer = rendererOf(preprocessing);
  const evaluation = data.test && createEvaluation({ train: data.train, test: data.test, renderer, neighbours, seed });
  if (!evaluation) reporter.say('There are no labelled test images, so nothing is judged by kNN or linear probe.');
  const rows: ResultRow[] = evaluation ? await baselines(evaluation, options) : [];
  const methods: TrainedMethod[] = [];
  let finished = true;
  for (const { preset, epochs, batchSize } of trainings) {
    if (signal.aborted) break;
    const method = preset.method({ encoder, inputShape: inputShapeOf(options), seed, ...(preset.learnsFromLabels ? labelsFor(data.train) : {}) });
    try {
      const result = await pretrain({
        ...options,
        preset,
        method,
        source: data.train,
        epochs,
        batchSize,
        evaluation,
        onRecord: async (record) => {
          await folder.appendMetrics(record);
          reporter.record(record);
        },
      });
      finished &&= result.finished;
      const encoderFolder = trainings.length === 1 ? 'encoder' : `encoder-${method.name}`;
      await writeEncoder(join(folder.path, encoderFolder), method.encoder, preprocessing);
      const judged = evaluation && result.steps > 0 ? await judge(evaluation, method.encoder) : null;
      if (judged) rows.push({ name: method.name, ...judged.score });
      methods.push({ name: method.name, result, testFeatures: judged?.testFeatures ?? null });
    } finally {
      method.dispose();
    }
  }
  return { finished, seconds: (performance.now() - start) / 1000, rows, methods };
}

/** Labels leave the evaluation only here, for methods that say that they learn from them. */
function labelsFor({ labels, classes }: ImageSource): { readonly labels?: Labels } {
  if (!labels) return {};
  return { labels: { values: labels, classes: classes?.length ?? 1 + maximum(labels) } };
}

function inputShapeOf({ size, data }: ExperimentOptions): readonly [number, number, number] {
  return [size, size, data.train.channels];
}

async function baselines(evaluation: Evaluation, options: ExperimentOptions): Promise<ResultRow[]> {
  const { encoder, seed, reporter } = options;
  reporter.progress('Judging raw pixels and the random encoder …');
  const raw = await evaluation.score(await evaluation.rawPixels());
  const untrained = encoder.build(inputShapeOf(options), seed);
  try {
    const random = await evaluation.score(await evaluation.features(untrained));
    return [
      { name: 'raw-pixels', ...raw },
      { name: 'random-encoder', ...random },
    ];
  } finally {
    untrained.dispose();
  }
}

async function judge(
  evaluation: Evaluation,
  encoder: LayersModel,
): Promise<{ readonly score: Score; readonly testFeatures: NonNullable<TrainedMethod['testFeatures']> }> {
  const features = await evaluation.features(encoder);
  return { score: await evaluation.score(features), testFeatures: features.test };
}
