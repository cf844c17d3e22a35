import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // the gradients of all ops
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { backendName, useWasmBackendSync } from '@selfsup/backend-wasm';

// A training whose convolutions go through Winograd's transforms ends where the same one by direct sums does: about as near
// to it as with another order of the batches.

const choice = vi.hoisted(() => ({ direct: false, transformed: 0 }));
vi.mock(import('../src/engine/conv-shape.ts'), async (original) => {
  const shape = await original();
  return {
    ...shape,
    chooseAlgorithm: (s) => {
      // Wherever it is possible, so that every kind of tile takes part.
      const algorithm = !shape.winogradFits(s) ? shape.chooseAlgorithm(s) : choice.direct ? 'gather' : 'winograd';
      if (algorithm === 'winograd') choice.transformed++;
      return algorithm;
    },
  };
});

beforeAll(() => void useWasmBackendSync({ threads: 2 }));
afterAll(() => tf.removeBackend(backendName));

const size = 16;
const classes = 4;
const [images, batch, steps, convolutions] = [256, 16, 100, 4];

/** Noise, with a blob whose quarter of the image is the class. */
function blobs(seed: number): { readonly x: tf.Tensor4D; readonly labels: Int32Array } {
  return tf.tidy(() => {
    const labels = Int32Array.from({ length: images }, (_, i) => (i * 7) % classes);
    const noise = tf.randomNormal<tf.Rank.R4>([images, size, size, 3], 0, 1, 'float32', seed);
    const places: tf.Tensor4D = tf.reshape(tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classes), 'float32'), [images, 2, 2, 1]);
    return { x: tf.add(noise, tf.mul(tf.image.resizeNearestNeighbor(places, [size, size]), 0.2)), labels };
  });
}

interface Ending {
  /** Mean over the last ten steps. */
  readonly loss: number;
  readonly firstLoss: number;
  readonly testLoss: number;
  readonly weights: Float32Array;
}

function train({ direct, order }: { readonly direct: boolean; readonly order: number }): Ending {
  choice.direct = direct;
  const he = (shape: number[], fanIn: number, seed: number): tf.Variable =>
    tf.variable(tf.randomNormal(shape, 0, Math.sqrt(2 / fanIn), 'float32', seed));
  const filters = [he([3, 3, 3, 16], 27, 1), he([3, 3, 16, 16], 144, 2), he([3, 3, 16, 32], 144, 3), he([3, 3, 32, 32], 288, 4)] as tf.Variable<tf.Rank.R4>[];
  const head = he([4 * 32, classes], 128, 5) as tf.Variable<tf.Rank.R2>;
  const lossOf = (x: tf.Tensor4D, labels: Int32Array): tf.Scalar => {
    let y = x;
    for (const [i, filter] of filters.entries()) y = tf.relu(tf.conv2d(y, filter, i === 2 ? 2 : 1, 1));
    const logits = tf.matMul(tf.reshape(tf.avgPool(y, 4, 4, 'valid'), [x.shape[0], -1]) as tf.Tensor2D, head);
    return tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d(labels, 'int32'), classes), logits);
  };
  const { x, labels } = blobs(6);
  const test = blobs(7);
  const optimizer = tf.train.momentum(0.02, 0.9);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    tf.tidy(() => {
      const rows = Int32Array.from({ length: batch }, (_, i) => ((step * batch + i) * (2 * order + 1)) % images);
      const chosen = tf.gather(x, tf.tensor1d(rows, 'int32'));
      const loss = optimizer.minimize(() => lossOf(chosen, rows.map((row) => labels[row]!)), true)!;
      losses.push(loss.dataSync()[0]!);
    });
  }
  const testLoss = tf.tidy(() => lossOf(test.x, test.labels).dataSync()[0]!);
  const weights = filters[3]!.dataSync<'float32'>().slice();
  tf.dispose([...filters, head, x, test.x]);
  optimizer.dispose();
  return { loss: losses.slice(-10).reduce((sum, loss) => sum + loss, 0) / 10, firstLoss: losses[0]!, testLoss, weights };
}

it('ends a training of 100 steps within noise of the direct sums', () => {
  const winograd = train({ direct: false, order: 0 });
  // Forward and filter gradient of every layer, and the input gradient of all but the first.
  expect(choice.transformed).toBe(steps * (3 * convolutions - 1) + convolutions);
  const direct = [0, 1, 2].map((order) => train({ direct: true, order }));
  expect(choice.transformed).toBe(steps * (3 * convolutions - 1) + convolutions);
  expect(winograd.firstLoss).toBeCloseTo(direct[0]!.firstLoss, 5);
  expect(winograd.weights).not.toEqual(direct[0]!.weights);
  for (const name of ['loss', 'testLoss'] as const) {
    const values = direct.map((ending) => ending[name]);
    const noise = Math.max(...values) - Math.min(...values);
    process.stdout.write(`${name}: Winograd ${winograd[name].toFixed(4)}, direct sums ${values.map((value) => value.toFixed(4)).join(', ')}\n`);
    expect(winograd[name]).toBeLessThan(0.8 * winograd.firstLoss);
    expect(Math.abs(winograd[name] - values[0]!)).toBeLessThan(2 * noise);
  }
});
