import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { backendName, useWasmBackendSync } from '@selfsup/backend-wasm';

beforeAll(() => void useWasmBackendSync({ threads: 2 }));
afterAll(() => tf.removeBackend(backendName));

const modes = [[false, false], [true, false], [false, true]] as const;
const sizes = [[[2, 5, 7, 3], [9, 4]], [[1, 3, 2, 70], [2, 5]], [[3, 6, 6, 4], [1, 1]]] as const;

it.each(modes.flatMap((mode) => sizes.map((size) => ({ align: mode[0], half: mode[1], from: size[0], to: size[1] }))))(
  'resizeBilinear $from → $to, align $align half $half: ⟨resize(x), dy⟩ = ⟨x, gradient(dy)⟩',
  ({ align, half, from, to }) => {
    tf.tidy(() => {
      const x = tf.randomNormal([...from], 0, 1, 'float32', 1) as tf.Tensor4D;
      const dy = tf.randomNormal([from[0], ...to, from[3]], 0, 1, 'float32', 2) as tf.Tensor4D;
      const { value, grad } = tf.valueAndGrad((t: tf.Tensor) => tf.image.resizeBilinear(t as tf.Tensor4D, [...to], align, half))(x, dy);
      expect(grad.shape).toEqual([...from]);
      const [left, right] = [tf.sum(tf.mul(value, dy)).dataSync()[0]!, tf.sum(tf.mul(x, grad)).dataSync()[0]!];
      expect(Math.abs(left - right)).toBeLessThan(1e-4 * (1 + Math.abs(left)));
    });
  },
);
