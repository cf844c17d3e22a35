import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import { useWasmBackend } from '@selfsup/backend-wasm';

export interface PageResult {
  readonly isolated: boolean;
  readonly threads: number;
  readonly workersReady: number;
  readonly losses: readonly number[];
}

/** Trains a CNN on two threads if the page may have them, and answers the losses. */
async function trainSteps(): Promise<PageResult> {
  const { engine } = await useWasmBackend({ threads: 2 });
  const kernel = (seed: number): { kernelInitializer: ReturnType<typeof initializers.heNormal> } => ({ kernelInitializer: initializers.heNormal({ seed }) });
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [32, 32, 3], filters: 32, kernelSize: 3, padding: 'same', activation: 'relu', ...kernel(1) }),
      layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same', activation: 'relu', ...kernel(2) }),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 2, activation: 'softmax', ...kernel(3) }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.05), loss: 'categoricalCrossentropy' });
  const images = tf.randomUniform([32, 32, 32, 3], 0, 1, 'float32', 4);
  const classes = tf.cast(tf.oneHot(tf.tensor1d(Array.from({ length: 32 }, (_, i) => i % 2), 'int32'), 2), 'float32');
  const losses: number[] = [];
  // The workers come up once the page has a moment to start them: more steps until then.
  for (let step = 0; step < 3 || (engine.workersReady < engine.threads - 1 && step < 100); step++) {
    losses.push((await model.trainOnBatch(images, classes)) as number);
    await new Promise((done) => setTimeout(done, 20));
  }
  return { isolated: globalThis.crossOriginIsolated, threads: engine.threads, workersReady: engine.workersReady, losses: losses.slice(0, 3) };
}

Object.assign(globalThis, { trained: trainSteps() });
