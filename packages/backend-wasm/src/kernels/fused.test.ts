import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendName, useWasmBackendSync } from '@selfsup/backend-wasm';

beforeAll(() => void useWasmBackendSync({ threads: 2 }));
afterAll(() => tf.removeBackend(backendName));

// Each kernel against its formula in float64, and its gradient kernel against central differences of that formula.

type Numbers = readonly number[];
interface Shape {
  readonly rows: number;
  readonly columns: number;
}

const wave = (size: number, phase: number): number[] => Array.from({ length: size }, (_, i) => 1.5 * Math.sin(1.3 * i + phase) + 0.2 * Math.cos(0.01 * i));
const rowsOf = (values: Numbers, { columns }: Shape): number[][] =>
  Array.from({ length: values.length / columns }, (_, row) => values.slice(row * columns, (row + 1) * columns));
const total = (values: Numbers): number => values.reduce((sum, value) => sum + value, 0);
const dot = (a: Numbers, b: Numbers): number => total(a.map((value, i) => value * b[i]!));
const run = (name: string, inputs: Record<string, Tensor>, attrs: object = {}): Tensor[] => {
  const outputs: unknown = tf.engine().runKernel(name, inputs, attrs as never);
  return Array.isArray(outputs) ? outputs : [outputs as Tensor];
};
const valuesOf = (tensors: readonly Tensor[]): number[][] => tensors.map((tensor) => [...tensor.dataSync()]);

/** Largest difference over the largest number that is expected. */
function gap(actual: Numbers, expected: Numbers): number {
  expect(actual.length).toBe(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0) / scale;
}

/** d Σ weights·f / d x of some of the elements. */
function differences(f: (x: Numbers) => Numbers, x: Numbers, weights: Numbers, places: Numbers): number[] {
  const h = 1e-4;
  const moved = (place: number, by: number): number => dot(f(x.map((value, i) => (i === place ? value + by : value))), weights);
  return places.map((place) => (moved(place, h) - moved(place, -h)) / (2 * h));
}

const places = (size: number): number[] => [...new Set(Array.from({ length: 25 }, (_, i) => (i * 7919) % size))];
const pick = (values: Numbers, at: Numbers): number[] => at.map((i) => values[i]!);
const matrix = (values: Numbers, { rows, columns }: Shape): Tensor => tf.tensor([...values], [rows, columns]);

const shapes: Shape[] = [{ rows: 1, columns: 1 }, { rows: 5, columns: 3 }, { rows: 130, columns: 8 }, { rows: 67, columns: 193 }, { rows: 9, columns: 1027 }];

describe.each(shapes)('$rows × $columns', (shape) => {
  const size = shape.rows * shape.columns;
  const [x, dy, at] = [wave(size, 0.3), wave(size, 2), places(size)];

  it.each([true, false])('layer normalisation, affine %s', (affine) => {
    const [gamma, beta, epsilon] = [wave(shape.columns, 1), wave(shape.columns, 4), 1e-5];
    const normalize = (values: Numbers, scale: Numbers): number[] =>
      rowsOf(values, shape).flatMap((row) => {
        const mean = total(row) / row.length;
        const deviation = Math.sqrt(total(row.map((value) => (value - mean) ** 2)) / row.length + epsilon);
        return row.map((value, i) => (affine ? scale[i]! : 1) * ((value - mean) / deviation) + (affine ? beta[i]! : 0));
      });
    tf.tidy(() => {
      const scale = affine ? { gamma: tf.tensor(gamma) } : {};
      const [y, mean, inverseDeviation] = run('SelfsupLayerNorm', { x: matrix(x, shape), ...scale, ...(affine ? { beta: tf.tensor(beta) } : {}) }, { epsilon });
      expect(gap([...y!.dataSync()], normalize(x, gamma))).toBeLessThan(2e-6);
      const [dx, dgamma, dbeta] = valuesOf(run('SelfsupLayerNormGrad', { dy: matrix(dy, shape), x: matrix(x, shape), ...scale, mean: mean!, inverseDeviation: inverseDeviation! }));
      if (shape.columns > 1) expect(gap(pick(dx!, at), differences((values) => normalize(values, gamma), x, dy, at))).toBeLessThan(1e-4);
      const columns = places(shape.columns);
      const normed = rowsOf(normalize(x, gamma), shape).map((row) => row.map((value, i) => (affine ? (value - beta[i]!) / gamma[i]! : value)));
      const slopes = rowsOf(dy, shape);
      expect(gap(pick(dgamma!, columns), columns.map((c) => total(slopes.map((row, r) => row[c]! * normed[r]![c]!))))).toBeLessThan(1e-5);
      expect(gap(pick(dbeta!, columns), columns.map((c) => total(slopes.map((row) => row[c]!))))).toBeLessThan(1e-5);
    });
  });

  it('normalisation to length 1', () => {
    // The first row is shorter than the clamp.
    const [given, epsilon] = [x.map((value, i) => (i < shape.columns ? 1e-4 * value : value)), 1e-4 * shape.columns];
    const normalize = (values: Numbers): number[] =>
      rowsOf(values, shape).flatMap((row) => row.map((value) => value / Math.sqrt(Math.max(dot(row, row), epsilon))));
    tf.tidy(() => {
      const [y, squares] = run('SelfsupL2Normalize', { x: matrix(given, shape) }, { epsilon });
      expect(gap([...y!.dataSync()], normalize(given))).toBeLessThan(1e-6);
      expect(gap([...squares!.dataSync()], rowsOf(given, shape).map((row) => dot(row, row)))).toBeLessThan(1e-6);
      const [dx] = valuesOf(run('SelfsupL2NormalizeGrad', { dy: matrix(dy, shape), y: y!, squares: squares! }, { epsilon }));
      expect(gap(pick(dx!, at), differences(normalize, given, dy, at))).toBeLessThan(1e-5);
    });
  });

  it('cross-entropy', () => {
    const labels = Array.from({ length: shape.rows }, (_, i) => ((5 * i) % (shape.columns + 1)) - (i % 7 === 6 ? 9999 : 0));
    const loss = (values: Numbers): number[] =>
      rowsOf(values, shape).map((row, r) => (row[labels[r]!] === undefined ? 0 : Math.log(total(row.map(Math.exp))) - row[labels[r]!]!));
    const dloss = dy.slice(0, shape.rows);
    tf.tidy(() => {
      const inputs = { logits: matrix(x, shape), labels: tf.tensor(labels, undefined, 'int32') };
      const [value, logSum] = run('SelfsupSoftmaxCrossEntropy', inputs);
      expect(gap([...value!.dataSync()], loss(x))).toBeLessThan(1e-6);
      const [dx] = valuesOf(run('SelfsupSoftmaxCrossEntropyGrad', { dloss: tf.tensor(dloss), ...inputs, logSum: logSum! }));
      expect(gap(pick(dx!, at), differences(loss, x, dloss, at))).toBeLessThan(1e-5);
    });
  });
});

describe('GELU', () => {
  /** erf by its series, and 1 − erfc by its continued fraction far out. */
  const erf = (z: number): number => {
    if (Math.abs(z) > 3) {
      let fraction = 0;
      for (let n = 60; n > 0; n--) fraction = n / 2 / (Math.abs(z) + fraction);
      return Math.sign(z) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (Math.abs(z) + fraction));
    }
    let [term, sum] = [z, z];
    for (let n = 1; n < 80; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * sum;
  };
  const formulas = {
    exact: (v: number): number => (v * (1 + erf(v / Math.SQRT2))) / 2,
    approximate: (v: number): number => (v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))) / 2,
  };
  const x = Array.from({ length: 4003 }, (_, i) => (i - 2001) / 250);

  it.each(['exact', 'approximate'] as const)('%s: its values, and its gradient against central differences', (name) => {
    const approximate = name === 'approximate';
    tf.tidy(() => {
      const [y] = valuesOf(run('SelfsupGelu', { x: tf.tensor(x) }, { approximate }));
      const worst = Math.max(...y!.map((value, i) => Math.abs(value - formulas[name](x[i]!)) / (1 + Math.abs(x[i]!))));
      expect(worst).toBeLessThan(3e-7);
      const dy = wave(x.length, 1);
      const [dx] = valuesOf(run('SelfsupGeluGrad', { dy: tf.tensor(dy), x: tf.tensor(x) }, { approximate }));
      const expected = x.map((v, i) => (dy[i]! * (formulas[name](v + 1e-5) - formulas[name](v - 1e-5))) / 2e-5);
      expect(gap(dx!, expected)).toBeLessThan(1e-6);
    });
  });
});

it('the same bits for any number of threads', () => {
  const shape = { rows: 521, columns: 77 };
  const bits = (threads: number): number[][] => {
    tf.removeBackend(backendName);
    useWasmBackendSync({ threads });
    return tf.tidy(() => {
      const [x, dy, gamma] = [matrix(wave(521 * 77, 0), shape), matrix(wave(521 * 77, 3), shape), tf.tensor(wave(77, 1))];
      const forward = run('SelfsupLayerNorm', { x, gamma, beta: gamma }, { epsilon: 1e-5 });
      const backward = run('SelfsupLayerNormGrad', { dy, x, gamma, mean: forward[1]!, inverseDeviation: forward[2]! });
      return valuesOf([...forward, ...backward, ...run('SelfsupGelu', { x }, { approximate: false }), ...run('SelfsupL2Normalize', { x }, { epsilon: 1e-9 })]);
    });
  };
  const one = bits(1);
  expect(bits(2)).toEqual(one);
  expect(bits(3)).toEqual(one);
});
