import { EvalError } from '@selfsup/eval';
import type { MetricPoint } from '@selfsup/eval';
import { captureCheckpoint, restoreCheckpoint, train } from '@selfsup/train';
import type { Method, StepMetrics } from '@selfsup/train';
import type { Checkpoints } from './checkpoint.ts';
import { CliError } from './error.ts';
import type { Evaluation, SplitFeatures } from './evaluation.ts';
import { duration, percent } from './format.ts';
import type { Reporter } from './reporter.ts';
import type { Training } from './training.ts';

export interface PretrainOptions {
  readonly training: Training;
  readonly method: Method<string>;
  /** Null when there are no labels to judge by. */
  readonly evaluation: Evaluation | null;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  /** Hears every line of `metrics.jsonl`. */
  readonly onRecord: (record: Readonly<Record<string, unknown>>) => Promise<void>;
  /** Every step is added here as it is taken, so that the curve of a training that fails is there too. */
  readonly curve: MetricPoint[];
  /** Keeps where it stands after every epoch and when it is interrupted, and goes on from there. */
  readonly checkpoints: Checkpoints;
}

export interface PretrainResult {
  readonly finished: boolean;
  readonly steps: number;
  /** What the encoder made of all images after the last step, where it was evaluated then. */
  readonly features?: SplitFeatures;
}

/** Trains one method on one source, and tells how it goes: a line a step on a terminal, a line an epoch anywhere. */
export async function pretrain(options: PretrainOptions): Promise<PretrainResult> {
  const { training, method, evaluation, reporter, signal, onRecord, curve, checkpoints } = options;
  const { preset, batches, epochs, batchSize, learningRate: rate } = training;
  const optimizer = preset.optimizer({ batchSize, ...(rate === undefined ? {} : { learningRate: rate }) });
  const totalSteps = epochs * batches.stepsPerEpoch;
  const keep = async (step: number): Promise<void> => checkpoints.keep(await captureCheckpoint(method, optimizer, step));
  try {
    const startStep = checkpoints.resume ? restoreCheckpoint(checkpoints.resume.checkpoint, method, optimizer) : 0;
    let last: SplitFeatures | undefined;
    const clock = { steps: startStep, training: 0, waiting: 0, evaluating: 0, evaluations: 0, images: 0 };
    const secondsLeft = (evaluationsLeft: number): number =>
      (clock.training / (clock.steps - startStep)) * (totalSteps - clock.steps) + (clock.evaluating / Math.max(1, clock.evaluations)) * evaluationsLeft;
    const result = await train({
      method,
      batches,
      optimizer,
      epochs,
      startStep,
      metricsBefore: metricsOf(checkpoints.resume?.curve ?? [], Math.floor(startStep / batches.stepsPerEpoch)),
      signal,
      onStep: async ({ at, metrics, imagesPerSecond, secondsWaited }) => {
        clock.training += batchSize / imagesPerSecond;
        clock.waiting += secondsWaited;
        clock.images += batchSize;
        clock.steps = at.step + 1;
        const { loss, learningRate, ...rest } = metrics;
        await onRecord({ type: 'step', method: method.name, epoch: at.epoch + 1, step: clock.steps, loss, learningRate, ...rest, imagesPerSecond, secondsWaited });
        curve.push({ ...metrics, epoch: at.epoch, step: clock.steps, imagesPerSecond });
        const where = [`${method.name}  epoch ${at.epoch + 1}/${epochs}`, `step ${clock.steps}/${totalSteps}`];
        const speed = `${(clock.images / clock.training).toFixed(0)} images/s`;
        const eta = `ETA ${duration(secondsLeft(epochs - at.epoch))}`;
        reporter.progress(
          [...where, summary(metrics), speed, eta].join('  '),
          [where[0], summary(metrics), speed, eta].join('  '),
          [where[0], summary(metrics), eta].join('  '),
        );
      },
      onEpoch: async ({ epoch, metrics }) => {
        const start = performance.now();
        if (evaluation) reporter.progress(`${method.name}  epoch ${epoch + 1}/${epochs}  kNN …`);
        const features = await evaluation?.features(method.encoder).catch((cause: unknown) => {
          if (!(cause instanceof EvalError && cause.code === 'non-finite')) throw cause;
          throw new CliError(1, `${method.name} diverged in epoch ${epoch + 1}: its encoder answers no numbers any more; lower the learning rate, lengthen the warm-up, or check the input images.`, { cause });
        });
        const accuracy = features && (await evaluation?.knn(features));
        if (epoch === epochs - 1) last = features;
        clock.evaluating += (performance.now() - start) / 1000;
        clock.evaluations++;
        const imagesPerSecond = clock.images / clock.training;
        const waitedForData = clock.waiting / clock.training;
        const knn = accuracy === undefined ? {} : { knn: accuracy };
        const { loss, learningRate, ...rest } = metrics;
        await onRecord({ type: 'epoch', method: method.name, epoch: epoch + 1, step: clock.steps, loss, learningRate, ...rest, imagesPerSecond, waitedForData, ...knn });
        // Not before its record is written: a run that is killed in between would miss it when it is taken up again.
        await keep(clock.steps);
        const point = curve.pop();
        if (point) curve.push({ ...point, ...knn });
        reporter.say(
          `${method.name}  epoch ${epoch + 1}/${epochs}  step ${clock.steps}/${totalSteps}  ${summary(metrics)}  ` +
            `${imagesPerSecond.toFixed(0)} images/s  ETA ${duration(secondsLeft(epochs - epoch - 1))}` +
            (waitedForData > noticeable ? `  waits for data ${percent(waitedForData)} %` : '') +
            (accuracy === undefined ? '' : `  kNN ${percent(accuracy)} %`),
        );
      },
    });
    if (!result.finished) await keep(result.steps);
    return { ...result, ...(last && { features: last }) };
  } finally {
    optimizer.dispose();
  }
}

/** What the steps of an epoch said of themselves, out of a curve. */
function metricsOf(curve: readonly MetricPoint[], epoch: number): StepMetrics[] {
  const points = curve.filter((point) => point.epoch === epoch);
  return points.map(({ epoch: _, step: __, imagesPerSecond: ___, knn: ____, ...metrics }) => metrics as unknown as StepMetrics);
}

/** The share of its time that a training may wait for data before it is told. */
const noticeable = 0.05;

function summary(metrics: StepMetrics): string {
  const { loss, std, accuracy } = metrics;
  const known = [`loss ${loss.toFixed(4)}`, std !== undefined && `std·√d ${std.toFixed(3)}`, accuracy !== undefined && `accuracy ${percent(accuracy)} %`];
  return known.filter(Boolean).join('  ');
}
