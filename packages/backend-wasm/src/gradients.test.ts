import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendName, useWasmBackendSync } from '@selfsup/backend-wasm';

// tfjs' own gradients, taken on the cpu backend before this backend replaces any, are what ours have to agree with.

const draw = (shape: readonly number[], seed: number, centre = 0): Tensor => tf.randomNormal([...shape], centre, 3, 'float32', seed);
const valuesOf = (tensors: readonly Tensor[]): number[][] => tensors.map((tensor) => [...tensor.dataSync()]);

interface Case {
  readonly f: (...operands: Tensor[]) => Tensor;
  readonly operands: () => Tensor[];
}

function normalization(shape: readonly number[], statistics: readonly number[]): Case {
  return {
    f: (x, mean, variance, offset, scale) => tf.batchNorm(x as tf.Tensor4D, mean as tf.Tensor4D, variance as tf.Tensor4D, offset as tf.Tensor4D, scale as tf.Tensor4D, 1e-3),
    operands: () => [draw(shape, 1), draw(statistics, 2), tf.abs(draw(statistics, 3)), draw(statistics, 4), draw(statistics, 5)],
  };
}

const cases: Readonly<Record<string, Case>> = {
  'relu': { f: (x) => tf.relu(x!), operands: () => [draw([7, 9], 1)] },
  'relu of zeros and infinities': { f: (x) => tf.relu(x!), operands: () => [tf.tensor([0, -0, 1e-40, Infinity, -Infinity, -1])] },
  'relu of whole numbers': { f: (x) => tf.cast(tf.relu(tf.cast(x!, 'int32')), 'float32'), operands: () => [draw([30], 1)] },
  'relu6': { f: (x) => tf.relu6(x!), operands: () => [tf.concat([draw([50], 1), tf.tensor([0, 6, 6.5, -1])])] },
  'mean of everything': { f: (x) => tf.mean(x!), operands: () => [draw([5, 6, 7], 1)] },
  'mean of the pixels': { f: (x) => tf.mean(x!, [1, 2]), operands: () => [draw([3, 4, 6, 5], 1)] },
  'mean of the last axis, kept': { f: (x) => tf.mean(x!, -1, true), operands: () => [draw([3, 4, 6], 1)] },
  'mean of whole numbers': { f: (x) => tf.mean(tf.cast(x!, 'int32'), 0), operands: () => [draw([30, 2], 1)] },
  'batchNorm of rows': normalization([13, 5], [5]),
  'batchNorm of images': normalization([3, 6, 5, 70], [70]),
  'batchNorm with statistics for each element': normalization([2, 3, 3, 4], [2, 3, 3, 4]),
};

function gradientsOf({ f, operands }: Case): number[][] {
  return tf.tidy(() => {
    const given = operands();
    const dy = draw(f(...given).shape, 9);
    return valuesOf(tf.grads((...tensors: Tensor[]) => f(...tensors))(given, dy)) as never;
  });
}

let expected: Record<string, number[][]>;
const all = (): Record<string, number[][]> => Object.fromEntries(Object.entries(cases).map(([name, one]) => [name, gradientsOf(one)]));

beforeAll(async () => {
  await tf.setBackend('cpu');
  expected = all();
  useWasmBackendSync({ threads: 2 });
});
afterAll(() => tf.removeBackend(backendName));

function complaints(actual: Record<string, number[][]>): string[] {
  return Object.entries(expected).flatMap(([name, gradients]) =>
    gradients.flatMap((list, i) => {
      const scale = Math.max(1, ...list.map(Math.abs));
      const worst = Math.max(...list.map((value, j) => Math.abs(value - actual[name]![i]![j]!) / scale));
      return worst < 1e-5 ? [] : [`${name}: the gradient of operand ${i} is off by ${worst}`];
    }),
  );
}

describe('the gradients that this backend replaces', () => {
  it.each([backendName, 'cpu'])('agree with those of TensorFlow.js on %s', async (backend) => {
    await tf.setBackend(backend);
    expect(complaints(all())).toEqual([]);
    await tf.setBackend(backendName);
  });

  it('take few kernels', async () => {
    const kernelsOf = async ({ f, operands }: Case): Promise<string[]> => {
      const given = operands();
      const dy = tf.onesLike(f(...given));
      const { kernels } = await tf.profile(() => tf.grads((...tensors: Tensor[]) => f(...tensors))(given, dy) as never);
      return kernels.map(({ name }) => name).filter((name) => name !== 'Identity' && name !== 'Reshape');
    };
    expect(await kernelsOf(cases['relu']!)).toEqual(['Relu', 'SelfsupReluGrad']);
    expect(await kernelsOf(cases['relu6']!)).toEqual(['Relu6', 'SelfsupRelu6Grad']);
    expect(await kernelsOf(cases['mean of the pixels']!)).toEqual(['Mean', 'RealDiv', 'Tile']);
    expect((await kernelsOf(cases['batchNorm of images']!)).length).toBeLessThan(12);
  });

  it('let the input of a relu go while its output is kept', () => {
    const x = draw([1000], 1);
    const { engine } = useWasmBackendSync();
    let kept = 0;
    tf.grad((given: Tensor) => {
      const before = engine.bytesInUse;
      const y = tf.tidy(() => tf.relu(tf.mul(given, 2)));
      kept = engine.bytesInUse - before;
      return y;
    })(x);
    expect(kept).toBeLessThan(1.2 * 4000);
  });

  it('are set once, and again where they were set back', () => {
    const ours = tf.getGradient('Relu');
    useWasmBackendSync();
    expect(tf.getGradient('Relu')).toBe(ours);
    const theirs = { ...ours };
    tf.registerGradient(theirs);
    useWasmBackendSync();
    expect([ours, theirs]).not.toContain(tf.getGradient('Relu'));
  });
});
