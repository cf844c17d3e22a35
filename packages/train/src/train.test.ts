import { memory } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { sgd } from '@selfsup/optim';
import { captureCheckpoint, restoreCheckpoint, train, TrainError } from '@selfsup/train';
import type { EpochReport, Method, StepReport } from '@selfsup/train';
import { expect, test } from 'vitest';
import { linearMethod, rampBatches } from '../test/linear-method.ts';

const optimizerOptions = { learningRate: 0.1, momentum: 0.9 };

async function weightsOf(method: Method<'a' | 'b'>): Promise<number[][]> {
  return Promise.all(method.parameters().map(async ({ variable }) => Array.from(await variable.data())));
}

test('each optimizer step is followed by one afterStep, and everything is told where it stands', async () => {
  const afterSteps: number[] = [];
  const method = linearMethod(1, { afterSteps });
  const optimizer = sgd(optimizerOptions);
  const steps: StepReport[] = [];
  const epochs: number[] = [];
  const result = await train({
    method,
    batches: rampBatches(),
    optimizer,
    epochs: 3,
    onStep: (report) => void steps.push(report),
    onEpoch: ({ epoch }) => void epochs.push(epoch),
  });
  expect(result).toEqual({ steps: 15, finished: true });
  expect(afterSteps).toEqual(Array.from({ length: 15 }, (_, i) => i));
  expect(steps.map(({ at }) => at.step)).toEqual(afterSteps);
  expect(steps[7]!.at).toEqual({ step: 7, totalSteps: 15, epoch: 1, stepsPerEpoch: 5, batchSize: 4 });
  expect(epochs).toEqual([0, 1, 2]);
  expect(steps.at(-1)!.metrics.loss).toBeLessThan(steps[0]!.metrics.loss / 2);
  expect(steps[0]!.metrics['size']).toBeGreaterThan(0);
  optimizer.dispose();
  method.dispose();
});

test('aborting ends the training after the current step and keeps what was learned', async () => {
  const method = linearMethod(1);
  const optimizer = sgd(optimizerOptions);
  const controller = new AbortController();
  const before = await weightsOf(method);
  const result = await train({
    method,
    batches: rampBatches(),
    optimizer,
    epochs: 3,
    signal: controller.signal,
    onStep: ({ at }) => {
      if (at.step === 6) controller.abort();
    },
  });
  expect(result).toEqual({ steps: 7, finished: false });
  expect(await weightsOf(method)).not.toEqual(before);
  optimizer.dispose();
  method.dispose();
});

test('aborting at the last step of an epoch ends that epoch, and the training if it was the last', async () => {
  for (const [last, finished] of [[4, false], [9, true]] as const) {
    const method = linearMethod(1);
    const optimizer = sgd(optimizerOptions);
    const controller = new AbortController();
    const epochs: number[] = [];
    const result = await train({
      method,
      batches: rampBatches(),
      optimizer,
      epochs: 2,
      signal: controller.signal,
      onStep: ({ at }) => {
        if (at.step === last) controller.abort();
      },
      onEpoch: ({ epoch }) => void epochs.push(epoch),
    });
    expect(result).toEqual({ steps: last + 1, finished });
    expect(epochs).toEqual(finished ? [0, 1] : [0]);
    optimizer.dispose();
    method.dispose();
  }
});

test('aborting while an epoch is judged takes no further step', async () => {
  const method = linearMethod(1);
  const optimizer = sgd(optimizerOptions);
  const controller = new AbortController();
  const result = await train({ method, batches: rampBatches(), optimizer, epochs: 3, signal: controller.signal, onEpoch: () => controller.abort() });
  expect(result).toEqual({ steps: 5, finished: false });
  optimizer.dispose();
  method.dispose();
});

test('a timer or a signal has its turn after every step, and may abort', async () => {
  const method = linearMethod(1);
  const optimizer = sgd(optimizerOptions);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 1);
  const { steps, finished } = await train({ method, batches: rampBatches(), optimizer, epochs: 10_000, signal: controller.signal });
  expect(finished).toBe(false);
  expect(steps).toBeLessThan(10_000);
  optimizer.dispose();
  method.dispose();
});

test('a loss that is not finite stops the training with the weights as they were before that step', async () => {
  const method = linearMethod(1);
  const optimizer = sgd(optimizerOptions);
  const before = await weightsOf(method);
  const tensors = memory().numTensors;
  const attempt = train({ method, batches: rampBatches(Number.POSITIVE_INFINITY), optimizer, epochs: 1 });
  await expect(attempt).rejects.toThrow(/loss of linear became (NaN|Infinity) at step 1 \(epoch 1\); lower the learning rate/);
  await expect(attempt).rejects.toMatchObject({ code: 'non-finite-loss' });
  expect(await weightsOf(method)).toEqual(before);
  expect(memory().numTensors).toBe(tensors);
  optimizer.dispose();
  method.dispose();
});

test.each([7, 9])('a training resumed from a checkpoint after step %d ends with the same bits, and has told the same', async (last) => {
  const whole = linearMethod(1);
  const wholeOptimizer = sgd(optimizerOptions);
  const told: EpochReport[] = [];
  await train({ method: whole, batches: rampBatches(), optimizer: wholeOptimizer, epochs: 3, onEpoch: (report) => void told.push(report) });

  const first = linearMethod(1);
  const firstOptimizer = sgd(optimizerOptions);
  const controller = new AbortController();
  const taken: StepReport[] = [];
  const onStep = (report: StepReport): void => {
    taken.push(report);
    if (report.at.step === last) controller.abort();
  };
  const epochs: EpochReport[] = [];
  const onEpoch = (report: EpochReport): void => void epochs.push(report);
  const options = { method: first, batches: rampBatches(), optimizer: firstOptimizer, epochs: 3 };
  const { steps } = await train({ ...options, signal: controller.signal, onStep, onEpoch });
  const checkpoint = await captureCheckpoint(first, firstOptimizer, steps);

  const second = linearMethod(99);
  const secondOptimizer = sgd(optimizerOptions);
  const startStep = restoreCheckpoint(checkpoint, second, secondOptimizer);
  expect(startStep).toBe(last + 1);
  const metricsBefore = taken.filter(({ at }) => at.epoch === Math.floor(startStep / 5)).map(({ metrics }) => metrics);
  await train({ method: second, batches: rampBatches(), optimizer: secondOptimizer, epochs: 3, startStep, metricsBefore, onEpoch });
  expect(await weightsOf(second)).toEqual(await weightsOf(whole));
  expect(epochs).toEqual(told);
  for (const each of [whole, first, second, wholeOptimizer, firstOptimizer, secondOptimizer]) each.dispose();
});

test('a checkpoint that does not fit is refused before anything changes', async () => {
  const method = linearMethod(1);
  const optimizer = sgd(optimizerOptions);
  const checkpoint = await captureCheckpoint(method, optimizer, 3);
  const tensors = new Map(checkpoint.tensors);
  tensors.set('state/average', { shape: [4], data: new Float32Array(4) });
  const before = await weightsOf(method);
  expect(() => restoreCheckpoint({ ...checkpoint, tensors }, method, optimizer)).toThrow(
    'holds state/average as [4], but this linear needs [3]',
  );
  expect(await weightsOf(method)).toEqual(before);
  optimizer.dispose();
  method.dispose();
});

test('steps leave no tensors behind', async () => {
  const method = linearMethod(1);
  const optimizer = sgd(optimizerOptions);
  const counts: number[] = [];
  await train({ method, batches: rampBatches(), optimizer, epochs: 2, onStep: () => void counts.push(memory().numTensors) });
  expect(new Set(counts.slice(1)).size).toBe(1);
  optimizer.dispose();
  method.dispose();
});

test('epochs below one and views that are not there are refused', async () => {
  const method = linearMethod(1);
  const optimizer = sgd(optimizerOptions);
  const batches = rampBatches();
  await expect(train({ method, batches, optimizer, epochs: 0 })).rejects.toThrow('epochs is 0, but it must be');
  const other: Method<string> = { ...method, views: ['a', 'global'] } as Method<string>;
  const attempt = train<string>({ method: other, batches, optimizer, epochs: 1 });
  await expect(attempt).rejects.toThrow(TrainError);
  await expect(attempt).rejects.toThrow('linear reads a view named "global", but the batches hold a, b');
  optimizer.dispose();
  method.dispose();
});

test('a loss hears which images its batch holds', async () => {
  const method = linearMethod(1);
  const optimizer = sgd(optimizerOptions);
  const seen: number[] = [];
  const listening: Method<'a' | 'b'> = {
    ...method,
    loss: (views, at, indices) => {
      expect(indices).toHaveLength(views.a.shape[0]);
      seen.push(...indices);
      return method.loss(views, at, indices);
    },
  };
  await train({ method: listening, batches: rampBatches(), optimizer, epochs: 1 });
  expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(seen).not.toEqual(seen.toSorted((a, b) => a - b));
  optimizer.dispose();
  method.dispose();
});

test('a method without parameters is run through, and learns nothing', async () => {
  const method = linearMethod(1);
  const optimizer = sgd(optimizerOptions);
  const before = await weightsOf(method);
  const tensors = memory().numTensors;
  const result = await train({ method: { ...method, parameters: () => [] }, batches: rampBatches(), optimizer, epochs: 1 });
  expect(result).toEqual({ steps: 5, finished: true });
  expect(await weightsOf(method)).toEqual(before);
  expect(memory().numTensors).toBe(tensors);
  optimizer.dispose();
  method.dispose();
});
