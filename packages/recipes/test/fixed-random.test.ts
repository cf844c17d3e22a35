import { useWasmBackend } from '@selfsup/backend-wasm';
import { byolPredictor, byolProjector } from '@selfsup/heads';
import { byol } from '@selfsup/recipes/byol';
import { fixedRandom } from '@selfsup/targets';
import { beforeAll, expect, test } from 'vitest';
import { inputShape, knnAccuracy, tinyEncoder, trainSmall } from './small-training.ts';

beforeAll(async () => {
  await useWasmBackend();
});

test('predicting a fixed random network gives better features than a random network has', async () => {
  const method = byol({
    encoder: tinyEncoder(),
    inputShape,
    seed: 4,
    projector: byolProjector({ hidden: 256, out: 64 }),
    predictor: byolPredictor({ hidden: 256, out: 64 }),
    target: fixedRandom(),
  });
  const random = await knnAccuracy(method.encoder);
  await trainSmall(method, { images: 4000, epochs: 2 });
  const trained = await knnAccuracy(method.encoder);
  method.dispose();
  expect(trained).toBeGreaterThan(random + 0.02);
});
