import type { ViewBatches } from '@selfsup/data';
import type { Optimizer, StepInfo } from '@selfsup/optim';
import { TrainError } from './error.ts';
import type { Method } from './method.ts';
import { trainStep } from './step.ts';
import type { StepMetrics } from './step.ts';
import { yieldToEvents } from './yield-to-events.ts';

/** What `onStep` hears, once per optimizer step. */
export interface StepReport {
  /** Where the training stood when the step was taken. */
  readonly at: StepInfo;
  readonly metrics: StepMetrics;
  /** Images (not views) per second of this step, waiting for data included. */
  readonly imagesPerSecond: number;
  /** How long this step waited for its batch. */
  readonly secondsWaited: number;
}

/** What `onEpoch` hears, after the last step of an epoch, also of one that an interruption ends with. */
export interface EpochReport {
  /** The epoch just finished, from 0. */
  readonly epoch: number;
  readonly epochs: number;
  /** Means over the steps of the epoch. */
  readonly metrics: StepMetrics;
}

export interface TrainOptions<Name extends string> {
  readonly method: Method<Name>;
  readonly batches: ViewBatches<Name>;
  readonly optimizer: Optimizer;
  readonly epochs: number;
  /** Optimizer steps already taken, when resuming from a checkpoint. */
  readonly startStep?: number;
  /**
   * Metrics of the steps already taken of the epoch that `startStep` lies in, when resuming: `onEpoch` then has the means of a training
   * that ran through. Without them it has those of the steps from `startStep` on.
   */
  readonly metricsBefore?: readonly StepMetrics[];
  readonly onStep?: (report: StepReport) => void | Promise<void>;
  readonly onEpoch?: (report: EpochReport) => void | Promise<void>;
  /** Aborting ends the training after the current step, and `onEpoch` where that is an epoch's last; what was learned so far stays in the method. */
  readonly signal?: AbortSignal;
}

export interface TrainResult {
  /** Optimizer steps taken in all, those before `startStep` included. */
  readonly steps: number;
  readonly finished: boolean;
}

/**
 * Trains a method: for each batch of views, loss → gradients → optimizer → `afterStep`.
 *
 * The method is left trained and is the caller's to dispose. Same seeds, same backend and same thread count give the
 * same bits.
 * @throws TrainError `invalid-options` for a number of epochs that is not a positive integer
 * @throws TrainError `non-finite-loss` with the weights as they were before that step
 */
export async function train<Name extends string>(options: TrainOptions<Name>): Promise<TrainResult> {
  const { method, batches, optimizer, epochs, startStep = 0, metricsBefore = [], onStep, onEpoch, signal } = options;
  const { stepsPerEpoch, batchSize } = batches;
  if (!Number.isInteger(epochs) || epochs < 1) {
    throw new TrainError('invalid-options', `epochs is ${epochs}, but it must be a whole number of at least 1.`);
  }
  const totalSteps = epochs * stepsPerEpoch;
  let step = startStep;
  for (let epoch = Math.floor(startStep / stepsPerEpoch); epoch < epochs; epoch++) {
    const mean = runningMean();
    if (step === startStep) for (const metrics of metricsBefore) mean.add(metrics);
    let before = performance.now();
    for await (const batch of batches.epoch(epoch, step - epoch * stepsPerEpoch)) {
      const arrived = performance.now();
      const at: StepInfo = { step, totalSteps, epoch, stepsPerEpoch, batchSize };
      const metrics = await trainStep(method, optimizer, batch, at);
      step++;
      mean.add(metrics);
      const now = performance.now();
      await onStep?.({ at, metrics, imagesPerSecond: (1000 * batch.indices.length) / (now - before), secondsWaited: (arrived - before) / 1000 });
      await yieldToEvents();
      if (signal?.aborted) break;
      before = performance.now();
    }
    if (signal?.aborted && step < (epoch + 1) * stepsPerEpoch) return { steps: step, finished: false };
    await onEpoch?.({ epoch, epochs, metrics: mean.value() });
    if (signal?.aborted) return { steps: step, finished: step === totalSteps };
  }
  return { steps: step, finished: true };
}

interface RunningMean {
  readonly add: (metrics: StepMetrics) => void;
  readonly value: () => StepMetrics;
}

function runningMean(): RunningMean {
  const sums = new Map<string, number>();
  let count = 0;
  return {
    add: (metrics) => {
      count++;
      for (const [name, value] of Object.entries(metrics)) sums.set(name, (sums.get(name) ?? 0) + value);
    },
    value: () => {
      const means = Object.fromEntries([...sums].map(([name, sum]) => [name, sum / count]));
      return { loss: Number.NaN, learningRate: Number.NaN, ...means };
    },
  };
}
