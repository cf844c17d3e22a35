import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendName, useWasmBackendSync } from '@selfsup/backend-wasm';

beforeAll(() => void useWasmBackendSync({ threads: 2 }));
afterAll(() => tf.removeBackend(backendName));

type Numbers = readonly number[];
type Activation = keyof typeof activations;
/** In the order of the gradients: what is multiplied, by what, and what is added. */
type Operands = readonly [Numbers, Numbers, Numbers];

const wave = (length: number, phase: number): number[] => Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase) + 0.3 * Math.cos(0.31 * i));
const indices = (length: number): number[] => Array.from({ length }, (_, i) => i);
const activations = {
  linear: (v: number): number => v,
  relu: (v: number): number => Math.max(0, v),
  relu6: (v: number): number => Math.min(6, Math.max(0, v)),
  elu: (v: number): number => (v > 0 ? v : Math.expm1(v)),
  sigmoid: (v: number): number => 1 / (1 + Math.exp(-v)),
};

interface Case {
  readonly shapes: readonly [number[], number[], number[]];
  readonly f: (activation: Activation) => (a: Tensor, b: Tensor, bias: Tensor) => Tensor;
  /** The same without activation in double precision. */
  readonly exact: (...operands: Operands) => number[];
}

const [rows, depth, columns] = [7, 13, 10] as const;
const product: Case = {
  shapes: [[rows, depth], [depth, columns], [columns]],
  f: (activation) => (a, b, bias) => tf.fused.matMul({ a, b, bias, activation }),
  exact: (a, b, bias) => indices(rows * columns).map((at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return indices(depth).reduce((sum, k) => sum + a[row * depth + k]! * b[k * columns + column]!, bias[column]!);
  }),
};

const [side, channels, filters, size] = [6, 3, 5, 3] as const;
const outSide = side - size + 1;
const convolution: Case = {
  shapes: [[2, side, side, channels], [size, size, channels, filters], [filters]],
  f: (activation) => (x, filter, bias) => tf.fused.conv2d({ x: x as tf.Tensor4D, filter: filter as tf.Tensor4D, strides: 1, pad: 'valid', bias, activation }),
  exact: (x, filter, bias) => indices(2 * outSide * outSide * filters).map((at) => {
    const [k, column, row, image] = [at % filters, Math.floor(at / filters) % outSide, Math.floor(at / filters / outSide) % outSide, Math.floor(at / filters / outSide ** 2)];
    return indices(size * size * channels).reduce((sum, tap) => {
      const [c, dx, dy] = [tap % channels, Math.floor(tap / channels) % size, Math.floor(tap / channels / size)];
      return sum + x[((image * side + row + dy) * side + column + dx) * channels + c]! * filter[tap * filters + k]!;
    }, bias[k]!);
  }),
};

const cases = Object.entries({ product, convolution }).flatMap(([name, one]) =>
  (Object.keys(activations) as Activation[]).map((activation) => ({ name, activation, one })));

describe('a bias and an activation in one kernel', () => {
  it.each(cases)('$name, $activation: analytic against central differences', ({ activation, one: { shapes, f, exact } }) => {
    const operands = shapes.map((shape, i) => wave(shape.reduce((all, n) => all * n, 1), i)) as unknown as Operands;
    const tensors = operands.map((values, i) => tf.tensor([...values], shapes[i]));
    const dy = wave(exact(...operands).length, 5);
    const objective = (...moved: Operands): number => exact(...moved).reduce((sum, value, i) => sum + dy[i]! * activations[activation](value), 0);
    const outputs = f(activation)(...(tensors as [Tensor, Tensor, Tensor]));
    const gradients = tf.grads((...given: Tensor[]) => f(activation)(...(given as [Tensor, Tensor, Tensor])))(tensors, tf.tensor(dy, outputs.shape));
    for (const [which, gradient] of gradients.entries()) {
      const analytic = [...gradient.dataSync()];
      const numeric = operands[which]!.map((_, place) => {
        const at = (by: number): number =>
          objective(...(operands.map((values, i) => (i === which ? values.map((value, j) => (j === place ? value + by : value)) : values)) as unknown as Operands));
        return (at(1e-6) - at(-1e-6)) / 2e-6;
      });
      const largest = Math.max(...numeric.map(Math.abs));
      const worst = Math.max(...analytic.map((value, i) => Math.abs(value - numeric[i]!)));
      expect(worst / largest, `operand ${which}`).toBeLessThan(1e-5);
    }
    tf.dispose([tensors, outputs, gradients]);
  });
});
