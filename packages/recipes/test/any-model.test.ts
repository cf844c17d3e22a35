import { useWasmBackend } from '@selfsup/backend-wasm';
import { byolPredictor, byolProjector, simsiamPredictor, simsiamProjector } from '@selfsup/heads';
import { fromModel, layerSeed } from '@selfsup/layers';
import { byol } from '@selfsup/recipes/byol';
import { simsiam } from '@selfsup/recipes/simsiam';
import { methodConformance } from '@selfsup/testing';
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, expect, test } from 'vitest';
import { inputShape, knnAccuracy, trainSmall } from './small-training.ts';

beforeAll(async () => {
  await useWasmBackend();
});

/** An encoder of nothing but layers of TensorFlow.js. */
const stock = fromModel('stock', (shape, seed) => {
  const he = (name: string): ReturnType<typeof initializers.heNormal> => initializers.heNormal({ seed: layerSeed(seed, name) });
  return sequential({
    layers: [
      layers.conv2d({ name: 'first', inputShape: [...shape], filters: 16, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu', kernelInitializer: he('first') }),
      layers.batchNormalization({ name: 'norm', momentum: 0.9 }),
      layers.conv2d({ name: 'second', filters: 32, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu', kernelInitializer: he('second') }),
      layers.globalAveragePooling2d({ name: 'pool' }),
    ],
  });
});

const input = { encoder: stock, inputShape };

test.each([
  ['BYOL', (seed: number) => byol({ ...input, seed, projector: byolProjector({ hidden: 64, out: 32 }), predictor: byolPredictor({ hidden: 64, out: 32 }) })],
  ['SimSiam', (seed: number) => simsiam({ ...input, seed, projector: simsiamProjector({ layers: 2, dim: 64 }), predictor: simsiamPredictor({ hidden: 16, out: 64 }) })],
])('%s trains a model of stock layers', async (_, build) => {
  await methodConformance(build, { inputShape });
  const method = build(1);
  const before = method.encoder.getWeights().map((weight) => weight.dataSync().slice());
  const metrics = await trainSmall(method, { images: 1280, epochs: 1 });
  const mean = (part: typeof metrics): number => part.reduce((sum, { loss }) => sum + loss!, 0) / part.length;
  expect(mean(metrics.slice(-5))).toBeLessThan(mean(metrics.slice(0, 5)));
  method.encoder.getWeights().forEach((weight, i) => expect(weight.dataSync()).not.toEqual(before[i]));
  // Ten classes: chance is 0.1.
  expect(await knnAccuracy(method.encoder)).toBeGreaterThan(0.4);
  method.dispose();
});
