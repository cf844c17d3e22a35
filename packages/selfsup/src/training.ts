import type { ChannelStatistics } from '@selfsup/augment';
import type { ViewBatches } from '@selfsup/data';
import { viewBatches } from '@selfsup/data';
import { workerViewBatches } from '@selfsup/data/node';
import type { NetSpec } from '@selfsup/layers';
import type { MethodInput, Preset } from '@selfsup/recipes/preset';
import type { Data } from './data.ts';
import { buildEncoder } from './encoders.ts';
import { usageError } from './error.ts';
import { maximum } from './evaluation.ts';
import type { Skipping } from './evaluation.ts';
import { counted } from './format.ts';
import { viewsCall } from './views.ts';
import type { ImageShape, PresetOrigin } from './views.ts';

/** What of a preset may be changed. */
export interface TrainingChoice {
  readonly preset: Preset<string>;
  /** Where rendering threads find it. */
  readonly origin: PresetOrigin;
  readonly epochs: number;
  readonly batchSize: number;
  /** In place of the preset's. */
  readonly learningRate?: number | undefined;
}

/** Batches that threads may render ahead until they are closed. */
type TrainingBatches = ViewBatches & { readonly close: () => Promise<void> };

/** A preset bound to the images that it trains on. */
export interface Training extends TrainingChoice {
  readonly batches: TrainingBatches;
  readonly methodInput: MethodInput;
  /** What its views are normalised by. */
  readonly normalize: ChannelStatistics | undefined;
}

export interface TrainingOptions extends Skipping {
  readonly encoder: NetSpec;
  readonly data: Data;
  /** Side of an image that is judged, in pixels. */
  readonly size: number;
  /** Side of a view in pixels, if it is another. */
  readonly viewSize?: number;
  readonly seed: number;
  /** Of a stream, how many images wait to be drawn from. */
  readonly shuffleBuffer: number | undefined;
  /** Threads that decode and render; 0 does it on this one, between the steps. */
  readonly workers: number;
}

/**
 * Binds a preset to images, and finds out before anything is written whether the two, and the encoder, go together.
 * @throws CliError (2) when they do not
 */
export async function prepareTraining(choice: TrainingChoice, options: TrainingOptions): Promise<Training> {
  const { preset, batchSize } = choice;
  const { encoder, size, viewSize = size, seed } = options;
  const source = options.data.train;
  const { name, length, channels } = source;
  if (length < batchSize) {
    const remedy = length < 2 ? 'a training takes at least 2' : `give a --batch-size of at most ${length}`;
    throw usageError(`${name} has ${counted(length, 'image')}, fewer than one batch of ${batchSize}; ${remedy}.`);
  }
  const shape: ImageShape = { size: viewSize, channels };
  const views = preset.views(shape);
  for (const view of Object.values(views)) {
    if (view.channels === channels) continue;
    throw usageError(
      `The images of ${name} have ${counted(channels, 'channel')}, but the views of the preset "${preset.name}" have ${view.channels}; ` +
        'choose a --preset for such images: small takes any.',
    );
  }
  const methodInput: MethodInput = { encoder, inputShape: [size, size, channels], seed, ...(preset.learnsFromLabels ? labelsOf(source) : {}) };
  buildEncoder(encoder, methodInput.inputShape, seed).dispose();
  if (choice.learningRate !== undefined) refuseIdleRate(preset, methodInput);
  const [first] = Object.values(views);
  return { ...choice, methodInput, batches: await trainingBatches(choice, options, shape, views), normalize: first?.normalize };
}

/** The same batches, bit for bit, whoever renders them. Threads begin to load what they need at once. */
async function trainingBatches(
  { origin, batchSize }: TrainingChoice, options: TrainingOptions, shape: ImageShape, views: ReturnType<Preset<string>['views']>,
): Promise<TrainingBatches> {
  const { data, seed, shuffleBuffer, workers, onError, onSkipped } = options;
  // A step is done with its views when the next batch is asked for.
  const common = { batchSize, seed, shuffleBuffer, onError, onSkipped, reuse: true };
  if (workers === 0) return { ...viewBatches(data.train, { ...common, views }), close: () => Promise.resolve() };
  return workerViewBatches(data.train, { ...common, views: viewsCall(origin, shape), workers });
}

function refuseIdleRate(preset: Preset<string>, input: MethodInput): void {
  const method = preset.method(input);
  const { name } = method;
  const trains = method.parameters().length > 0;
  method.dispose();
  if (!trains) throw usageError(`${name} trains no weights, so that a learning rate would change nothing; leave --learning-rate out.`);
}

/** Labels leave the evaluation only here, for methods that say that they learn from them. */
function labelsOf({ name, labels, classes }: Data['train']): Required<Pick<MethodInput, 'labels'>> {
  if (!labels) throw usageError(`This recipe learns from labels, and ${name} has none; give --data images in a folder per class.`);
  return { labels: { values: labels, classes: classes?.length ?? 1 + maximum(labels) } };
}
