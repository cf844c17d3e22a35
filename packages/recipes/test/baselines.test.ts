import { useWasmBackend } from '@selfsup/backend-wasm';
import { fashionMnistSample } from '@selfsup/data/node';
import { random, randomPresets } from '@selfsup/recipes/random';
import { supervised, supervisedPresets } from '@selfsup/recipes/supervised';
import { methodConformance } from '@selfsup/testing';
import { beforeAll, expect, test } from 'vitest';
import { inputShape, knnAccuracy, tinyEncoder, trainSmall } from './small-training.ts';

beforeAll(async () => {
  await useWasmBackend();
});

const labels = { values: Uint8Array.from({ length: 32 }, (_, i) => i % 3), classes: 3 };

test('the supervised baseline keeps the contract', async () => {
  const report = await methodConformance((seed) => supervised({ encoder: tinyEncoder(), inputShape, seed, labels }), { inputShape });
  expect(report.method).toBe('supervised');
  expect(supervisedPresets.every(({ learnsFromLabels }) => learnsFromLabels)).toBe(true);
});

test('the supervised baseline learns the labels of its images, by their indices', async () => {
  const { train } = await fashionMnistSample();
  const build = (values: ArrayLike<number>): ReturnType<typeof supervised> =>
    supervised({ encoder: tinyEncoder(), inputShape, seed: 2, labels: { values, classes: 10 } });
  const last = async (values: ArrayLike<number>): Promise<{ accuracy: number; knn: number }> => {
    const method = build(values);
    const metrics = await trainSmall(method, { images: 3840, epochs: 2 });
    const knn = await knnAccuracy(method.encoder);
    method.dispose();
    const tail = metrics.slice(-10);
    return { accuracy: tail.reduce((sum, { accuracy }) => sum + accuracy!, 0) / tail.length, knn };
  };
  const right = await last(train.labels!);
  expect(right.accuracy).toBeGreaterThan(0.4);
  expect(right.knn).toBeGreaterThan(0.6);
  // One place off, labels say nothing about the images.
  const wrong = await last(train.labels!.map((_, i) => train.labels![(i + 1) % train.length]!));
  expect(wrong.accuracy).toBeLessThan(0.25);
});

test('the preset for CIFAR crops out of a margin of four pixels, flips, and lowers the rate from 0.1 to 0 by a cosine of the epoch', () => {
  const preset = supervisedPresets.find(({ name }) => name === 'cifar')!;
  const { image: view } = preset.views({ size: 32, channels: 3 });
  const drawn = Array.from({ length: 300 }, (_, index) => view.sample({ height: 32, width: 32 }, { seed: 1, epoch: 0, index, view: 0 }));
  const paramsOf = (name: string): unknown[] => drawn.map((ops) => ops.find(({ op }) => op === name)!.params);
  const tops = paramsOf('randomCrop').map((params) => (params as { readonly top: number }).top);
  expect([...new Set(tops)].toSorted((a, b) => a - b)).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4]);
  const flips = paramsOf('randomFlip').filter((params) => params !== null).length;
  expect(Math.abs(flips / 300 - 0.5)).toBeLessThan(0.1);
  const optimizer = preset.optimizer({ batchSize: 128 });
  const rate = (epoch: number): number => optimizer.step([], new Map(), { step: epoch * 391, totalSteps: 200 * 391, epoch, stepsPerEpoch: 391, batchSize: 128 }).learningRate;
  expect([rate(0), rate(100), rate(150)]).toEqual([0.1, expect.closeTo(0.05, 9), expect.closeTo(0.1 * 0.5 * (1 - Math.SQRT1_2), 9)]);
  optimizer.dispose();
});

test('the supervised baseline explains what is wrong with its labels', () => {
  const input = { encoder: tinyEncoder(), inputShape, seed: 0 };
  expect(() => supervised(input)).toThrow(/was given none; give it images that have labels/);
  for (const label of [-1, 3, 0.5]) {
    const attempt = (): unknown => supervised({ ...input, labels: { values: [0, 1, label], classes: 3 } });
    expect(attempt).toThrow(`the label ${label} for image 2, but labels are whole numbers from 0 to 2`);
    expect(attempt).toThrow(expect.objectContaining({ code: 'invalid-options' }) as Error);
  }
});

test('the random baseline keeps its weights and sees images with its running statistics alone', async () => {
  const method = random({ encoder: tinyEncoder(), inputShape, seed: 6 });
  const fresh = tinyEncoder().build(inputShape, 6);
  const metrics = await trainSmall(method, { images: 640, epochs: 1 });
  expect(metrics).toHaveLength(10);
  expect(metrics.every(({ loss, std }) => loss === 0 && std! > 0)).toBe(true);
  const values = (weights: typeof fresh.weights): unknown[] => weights.map((weight) => weight.read().dataSync());
  expect(values(method.encoder.trainableWeights)).toEqual(values(fresh.trainableWeights));
  expect(values(method.encoder.nonTrainableWeights)).not.toEqual(values(fresh.nonTrainableWeights));
  expect(method.state()).toHaveLength(fresh.weights.length);
  expect(randomPresets[0]!.epochs).toBe(1);
  method.dispose();
  fresh.dispose();
});
