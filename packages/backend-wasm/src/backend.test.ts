import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers';
import { afterEach, expect, it } from 'vitest';
import { backendName, BackendWasmError, useWasmBackend, useWasmBackendSync } from '@selfsup/backend-wasm';

afterEach(() => {
  if (tf.findBackendFactory(backendName) !== null) tf.removeBackend(backendName);
});

it('computes, and gives the memory back', async () => {
  const backend = await useWasmBackend({ threads: 2 });
  expect(tf.getBackend()).toBe('selfsup-wasm');
  const before = { ...tf.memory(), heap: backend.engine.bytesInUse };
  const result = tf.tidy(() => {
    const a = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    return [...tf.sum(tf.matMul(a, a, false, true)).dataSync()];
  });
  expect(result).toEqual([14 + 32 + 32 + 77]);
  expect({ ...tf.memory(), heap: backend.engine.bytesInUse }).toMatchObject({
    numTensors: before.numTensors, numBytes: before.numBytes, heap: before.heap,
  });
});

it('hands out plain copies', async () => {
  useWasmBackendSync({ threads: 2 });
  const x = tf.tensor1d([1, 2, 3]);
  for (const values of [x.dataSync(), await x.data()]) {
    expect(values.buffer).toBeInstanceOf(ArrayBuffer);
    values[0] = 9;
  }
  expect([...x.dataSync()]).toEqual([1, 2, 3]);
});

it('copies what a tensor is made of', () => {
  useWasmBackendSync({ threads: 1 });
  const values = new Float32Array([1, 2, 3]);
  const x = tf.tensor1d(values);
  values[0] = 9;
  expect([...x.dataSync()]).toEqual([1, 2, 3]);
});

it('registers once, refuses other options, and can be removed and registered again', () => {
  const backend = useWasmBackendSync({ threads: 2 });
  expect(useWasmBackendSync()).toBe(backend);
  expect(useWasmBackendSync({ threads: 2 })).toBe(backend);
  expect(() => useWasmBackendSync({ threads: 1 })).toThrow(BackendWasmError);
  tf.removeBackend(backendName);
  const next = useWasmBackendSync({ threads: 1 });
  expect(next.engine.threads).toBe(1);
  expect([...tf.add(tf.tensor1d([1, 2]), 1).dataSync()]).toEqual([2, 3]);
});

it('takes tensors over from another backend, and gives them back', async () => {
  useWasmBackendSync({ threads: 1 });
  await tf.setBackend('cpu');
  const x = tf.tensor1d([1, 2, 3]);
  const z = tf.complex([1, 2], [3, 4]);
  useWasmBackendSync();
  const y = tf.mul(x, 2);
  expect([...tf.imag(z).dataSync()]).toEqual([3, 4]);
  await tf.setBackend('cpu');
  expect([...tf.add(y, 1).dataSync()]).toEqual([3, 5, 7]);
});

it('goes on after running out of memory: the error names the batch, and nothing of the failed op is left', () => {
  const { engine } = useWasmBackendSync({ threads: 2 });
  const held = engine.alloc(2 ** 32 - 150 * 2 ** 20);
  const normalize = (batch: number): Float32Array =>
    tf.tidy(() => {
      const x = tf.ones([batch, 256, 256]);
      // The first op has room for its output, the others of the chain have not.
      return tf.sum(tf.reshape(tf.add(tf.square(x), x), [batch, 8, 32, 256]), [1, 3]).dataSync().slice() as Float32Array;
    }) as never;
  const before = { ...tf.memory(), heap: engine.bytesInUse };
  for (let i = 0; i < 3; i++) {
    let error: unknown;
    try {
      normalize(256);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(BackendWasmError);
    expect(error).toMatchObject({ code: 'out-of-memory', message: expect.stringMatching(/\[256, 256, 256\].*the peak was .*batch, try 128/) });
    expect({ ...tf.memory(), heap: engine.bytesInUse }).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers, heap: before.heap });
  }
  expect(normalize(32).every((value) => value === 2 * 8 * 256)).toBe(true);
  engine.free(held);
  expect(normalize(256)).toHaveLength(256 * 32);
});

it('trains a small CNN of tf.layers', async () => {
  useWasmBackendSync({ threads: 2 });
  const model = sequential({
    layers: [
      layers.conv2d({ inputShape: [8, 8, 1], filters: 8, kernelSize: 3, activation: 'relu', kernelInitializer: initializers.glorotUniform({ seed: 1 }) }),
      layers.batchNormalization(),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 2, activation: 'softmax', kernelInitializer: initializers.glorotUniform({ seed: 2 }) }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.01), loss: 'categoricalCrossentropy' });
  const x = tf.randomUniform([64, 8, 8, 1], -1, 1, 'float32', 3);
  const labels = tf.cast(tf.greater(tf.mean(x, [1, 2, 3]), 0), 'int32') as tf.Tensor1D;
  const { history } = await model.fit(x, tf.cast(tf.oneHot(labels, 2), 'float32'), { epochs: 15, batchSize: 16, shuffle: false, verbose: 0 });
  const losses = history['loss'] as number[];
  expect(losses.at(-1)!).toBeLessThan(losses[0]! * 0.5);
});
