import type { ImageSource } from '@selfsup/data';
import { viewBatches } from '@selfsup/data';
import type { Preset } from '@selfsup/recipes/preset';
import { train } from '@selfsup/train';
import type { Method, StepMetrics } from '@selfsup/train';
import type { Evaluation } from './evaluation.ts';
import { duration, percent } from './format.ts';
import type { Reporter } from './reporter.ts';

/** One line of `metrics.jsonl`: an optimizer step, or, with `knn`, the end of an epoch. */
export interface MetricsRecord extends StepMetrics {
  readonly epoch: number;
  readonly step: number;
}

export interface PretrainOptions {
  readonly preset: Preset<string>;
  readonly method: Method<string>;
  readonly source: ImageSource;
  readonly size: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly seed: number;
  /** Null when there are no labels to judge by. */
  readonly evaluation: Evaluation | null;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  readonly onRecord: (record: Readonly<Record<string, unknown>>) => Promise<void>;
}

export interface PretrainResult {
  readonly finished: boolean;
  readonly steps: number;
  /** Means over each finished epoch. */
  readonly epochs: readonly EpochRecord[];
}

export interface EpochRecord extends MetricsRecord {
  readonly imagesPerSecond: number;
  readonly knn?: number;
}

/** Trains one method on one source, and tells how it goes: a line a step on a terminal, a line an epoch anywhere. */
export async function pretrain(options: PretrainOptions): Promise<PretrainResult> {
  const { preset, method, source, size, epochs, batchSize, seed, evaluation, reporter, signal, onRecord } = options;
  const views = preset.views({ size, channels: source.channels });
  const batches = viewBatches(source, { views, batchSize, seed });
  const optimizer = preset.optimizer({ batchSize });
  const totalSteps = epochs * batches.stepsPerEpoch;
  const records: EpochRecord[] = [];
  let seconds = 0;
  let images = 0;
  let evaluating = 0;
  let steps = 0;
  try {
    const result = await train({
      method,
      batches,
      optimizer,
      epochs,
      signal,
      onStep: async ({ at, metrics, imagesPerSecond }) => {
        seconds += batchSize / imagesPerSecond;
        images += batchSize;
        steps = at.step + 1;
        const record = { method: method.name, epoch: at.epoch + 1, step: steps, ...metrics, imagesPerSecond };
        await onRecord({ type: 'step', ...record });
        const remaining = (seconds / steps) * (totalSteps - steps) + (evaluating / Math.max(1, at.epoch)) * (epochs - at.epoch);
        reporter.progress(
          `${method.name}  epoch ${at.epoch + 1}/${epochs}  step ${steps}/${totalSteps}  ${summary(metrics)}  ` +
            `${(images / seconds).toFixed(0)} images/s  ETA ${duration(remaining)}`,
        );
      },
      onEpoch: async ({ epoch, metrics }) => {
        const start = performance.now();
        const accuracy = evaluation ? await evaluation.knn(await evaluation.features(method.encoder)) : undefined;
        evaluating += (performance.now() - start) / 1000;
        const record: EpochRecord = {
          epoch: epoch + 1,
          step: steps,
          ...metrics,
          imagesPerSecond: images / seconds,
          ...(accuracy === undefined ? {} : { knn: accuracy }),
        };
        records.push(record);
        await onRecord({ type: 'epoch', method: method.name, ...record });
        const remaining = ((seconds + evaluating) / (epoch + 1)) * (epochs - epoch - 1);
        reporter.say(
          `${method.name}  epoch ${epoch + 1}/${epochs}  step ${steps}/${totalSteps}  ${summary(metrics)}  ` +
            `${record.imagesPerSecond.toFixed(0)} images/s  ETA ${duration(remaining)}` +
            (accuracy === undefined ? '' : `  kNN ${percent(accuracy)} %`),
        );
      },
    });
    return { ...result, epochs: records };
  } finally {
    optimizer.dispose();
  }
}

function summary(metrics: StepMetrics): string {
  const { loss, std, accuracy } = metrics;
  const known = [`loss ${loss.toFixed(4)}`, std !== undefined && `std·√d ${std.toFixed(3)}`, accuracy !== undefined && `accuracy ${percent(accuracy)} %`];
  return known.filter(Boolean).join('  ');
}
