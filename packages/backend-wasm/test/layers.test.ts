import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import type { Sequential } from '@tensorflow/tfjs-layers';
import { afterAll, expect, it } from 'vitest';
import { backendName, useWasmBackendSync } from '@selfsup/backend-wasm';

// tf.layers models trained with model.fit here and on the cpu backend, from the same weights on the same data.

afterAll(() => tf.removeBackend(backendName));

let seeds = 0;
const init = (): ReturnType<typeof initializers.glorotUniform> => initializers.glorotUniform({ seed: ++seeds });
const kernel = (): { kernelInitializer: ReturnType<typeof init> } => ({ kernelInitializer: init() });
const classes = (): layers.Layer => layers.dense({ units: 3, activation: 'softmax', ...kernel() });

const models: Readonly<Record<string, { readonly inputShape: number[]; readonly build: (inputShape: number[]) => layers.Layer[] }>> = {
  'CNN with batch normalisation and max-pooling': {
    inputShape: [9, 9, 2],
    build: (inputShape) => [
      layers.conv2d({ inputShape, filters: 8, kernelSize: 3, padding: 'same', activation: 'relu', ...kernel() }),
      layers.batchNormalization(), layers.maxPooling2d({ poolSize: 2 }),
      layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, activation: 'elu', ...kernel() }), layers.flatten(), classes(),
    ],
  },
  'depthwise and separable convolutions, relu6 and average pooling': {
    inputShape: [8, 8, 3],
    build: (inputShape) => [
      layers.depthwiseConv2d({ inputShape, kernelSize: 3, depthMultiplier: 2, activation: 'relu6', depthwiseInitializer: init() }),
      layers.separableConv2d({ filters: 8, kernelSize: 2, depthwiseInitializer: init(), pointwiseInitializer: init(), activation: 'relu' }),
      layers.averagePooling2d({ poolSize: 2 }), layers.upSampling2d({ size: [2, 2] }), layers.globalAveragePooling2d({}), classes(),
    ],
  },
  'embedding, LSTM and layer normalisation': {
    inputShape: [6],
    build: (inputShape) => [
      layers.embedding({ inputShape, inputDim: 5, outputDim: 8, embeddingsInitializer: init() }),
      layers.lstm({ units: 8, recurrentInitializer: init(), ...kernel() }), layers.layerNormalization(), classes(),
    ],
  },
  'dense layers with every kind of activation': {
    inputShape: [7],
    build: (inputShape) => [
      layers.dense({ inputShape, units: 9, activation: 'tanh', ...kernel() }), layers.dense({ units: 9, activation: 'sigmoid', ...kernel() }),
      layers.dense({ units: 9, activation: 'softplus', ...kernel() }), layers.leakyReLU(), layers.prelu(), classes(),
    ],
  },
};

function modelOf(name: string): Sequential {
  seeds = 0;
  const model = sequential({ layers: models[name]!.build(models[name]!.inputShape) });
  model.compile({ optimizer: tf.train.adam(0.02), loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

async function train(name: string): Promise<{ losses: number[]; predictions: number[] }> {
  const shape = [60, ...models[name]!.inputShape];
  const whole = name.startsWith('embedding');
  const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => (whole ? (i * 7 + Math.floor(i / 11)) % 5 : Math.sin(1.7 * i) + Math.sin(0.01 * i)));
  const [x, y] = [tf.tensor(values, shape), tf.oneHot(tf.tensor1d(Array.from({ length: 60 }, (_, i) => (i * i) % 3), 'int32'), 3)];
  const model = modelOf(name);
  const { history } = await model.fit(x, tf.cast(y, 'float32'), { epochs: 4, batchSize: 20, shuffle: false, verbose: 0 });
  return { losses: history['loss'] as number[], predictions: [...(model.predict(x) as tf.Tensor).dataSync()] };
}

it.each(Object.keys(models))('%s: learns, as on the cpu backend', async (name) => {
  await tf.setBackend('cpu');
  const expected = await train(name);
  useWasmBackendSync({ threads: 2 });
  const actual = await train(name);
  expect(actual.losses.at(-1)).toBeLessThan(actual.losses[0]!);
  for (const [i, loss] of actual.losses.entries()) expect(Math.abs(loss - expected.losses[i]!)).toBeLessThan(2e-3);
  for (const [i, value] of actual.predictions.entries()) expect(Math.abs(value - expected.predictions[i]!)).toBeLessThan(1e-2);
});
