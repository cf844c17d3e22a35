import { memory } from '@tensorflow/tfjs-core';
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, expect, test } from 'vitest';
import { useCpuBackend } from '../test/cpu-backend.ts';
import { extractFeatures, pixelFeatures } from './index.ts';
import type { ImageBatch } from './index.ts';

beforeAll(useCpuBackend);

const batch = (values: readonly number[]): ImageBatch => ({
  data: Float32Array.from(values),
  shape: [values.length / 4, 2, 2, 1],
});

async function* stream(...parts: readonly ImageBatch[]): AsyncGenerator<ImageBatch> {
  for (const part of parts) yield await Promise.resolve(part);
}

test('rows keep their order across batches of different size, and nothing leaks', async () => {
  const encoder = sequential({ layers: [layers.flatten({ inputShape: [2, 2, 1] })] });
  const before = memory().numTensors;
  const features = await extractFeatures(encoder, stream(batch([1, 2, 3, 4, 5, 6, 7, 8]), batch([9, 10, 11, 12])));
  expect(features).toEqual({ data: Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]), rows: 3, dim: 4 });
  expect(memory().numTensors).toBe(before);
});

test('the encoder runs in inference mode: batch normalisation and dropout do not look at the batch', async () => {
  const encoder = sequential({
    layers: [
      layers.flatten({ inputShape: [2, 2, 1] }),
      layers.batchNormalization({ epsilon: 0, movingMeanInitializer: initializers.constant({ value: 1 }) }),
      layers.dropout({ rate: 0.9, seed: 1 }),
    ],
  });
  const { data } = await extractFeatures(encoder, [batch([1, 2, 3, 4]), batch([5, 6, 7, 8])]);
  expect([...data]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('an encoder without pooling is refused with both shapes', async () => {
  const encoder = sequential({ layers: [layers.activation({ activation: 'relu', inputShape: [2, 2, 1] })] });
  const before = memory().numTensors;
  const run = extractFeatures(encoder, [batch([1, 2, 3, 4])]);
  await expect(run).rejects.toMatchObject({ code: 'mismatch', message: expect.stringContaining('[1, 2, 2, 1]') });
  expect(memory().numTensors).toBe(before);
});

test('a diverged encoder is refused, naming the row', async () => {
  const encoder = sequential({ layers: [layers.flatten({ inputShape: [2, 2, 1] })] });
  const run = extractFeatures(encoder, [batch([1, 2, 3, 4, 5, Number.NaN, 7, 8])]);
  await expect(run).rejects.toMatchObject({ code: 'non-finite', message: expect.stringContaining('row 1') });
});

test('no images are refused', async () => {
  const encoder = sequential({ layers: [layers.flatten({ inputShape: [2, 2, 1] })] });
  await expect(extractFeatures(encoder, [])).rejects.toMatchObject({ code: 'bad-option' });
});

test('pixels are features of height · width · channels dimensions', () => {
  expect(pixelFeatures(batch([1, 2, 3, 4, 5, 6, 7, 8]))).toMatchObject({ rows: 2, dim: 4 });
});
