import type { ChannelStatistics } from '@selfsup/augment';
import type { ImageSource, SkipReport, Splits, ViewBatches } from '@selfsup/data';
import { viewBatches } from '@selfsup/data';
import type { NetSpec } from '@selfsup/layers';
import type { MethodInput, Preset } from '@selfsup/recipes/preset';
import { reasonOf, usageError } from './error.ts';
import { maximum } from './evaluation.ts';

/** What of a preset may be changed. */
export interface TrainingChoice {
  readonly preset: Preset<string>;
  readonly epochs: number;
  readonly batchSize: number;
}

/** A preset bound to the images that it trains on. */
export interface Training extends TrainingChoice {
  readonly batches: ViewBatches<string>;
  readonly methodInput: MethodInput;
  /** What its views are normalised by. */
  readonly normalize: ChannelStatistics | undefined;
}

export interface TrainingOptions {
  readonly encoder: NetSpec;
  readonly data: Splits;
  /** Side of a view in pixels. */
  readonly size: number;
  readonly seed: number;
  /** Hears of images that could not be read and are left out. */
  readonly onSkipped: (report: SkipReport) => void;
}

/**
 * Binds a preset to images, and finds out before anything is written whether the two, and the encoder, go together.
 * @throws CliError (2) when they do not
 */
export function prepareTraining(choice: TrainingChoice, options: TrainingOptions): Training {
  const { preset, batchSize } = choice;
  const { encoder, size, seed, onSkipped } = options;
  const source = options.data.train;
  const { name, length, channels } = source;
  if (length < batchSize) {
    const remedy = length < 2 ? 'a training takes at least 2' : `give a --batch-size of at most ${length}`;
    throw usageError(`${name} has ${length} image(s), fewer than one batch of ${batchSize}; ${remedy}.`);
  }
  const views = preset.views({ size, channels });
  for (const view of Object.values(views)) {
    if (view.channels === channels) continue;
    throw usageError(
      `The images of ${name} have ${channels} channel(s), but the views of the preset "${preset.name}" have ${view.channels}; ` +
        'choose a --preset for such images: small takes any.',
    );
  }
  const methodInput: MethodInput = { encoder, inputShape: [size, size, channels], seed, ...(preset.learnsFromLabels ? labelsOf(source) : {}) };
  try {
    encoder.build(methodInput.inputShape, seed).dispose();
  } catch (cause) {
    throw usageError(`The encoder cannot be built for views of ${size}×${size} pixels: ${reasonOf(cause)}`);
  }
  const [first] = Object.values(views);
  return { ...choice, methodInput, batches: viewBatches(source, { views, batchSize, seed, onSkipped }), normalize: first?.normalize };
}

/** Labels leave the evaluation only here, for methods that say that they learn from them. */
function labelsOf({ name, labels, classes }: ImageSource): Required<Pick<MethodInput, 'labels'>> {
  if (!labels) throw usageError(`This recipe learns from labels, and ${name} has none; give --data images in a folder per class.`);
  return { labels: { values: labels, classes: classes?.length ?? 1 + maximum(labels) } };
}
