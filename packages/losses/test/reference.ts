// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
// oxlint-disable-next-line import/no-unassigned-import -- registers the gradients, which tfjs-core comes without in Node
import '@tensorflow/tfjs-layers';
import { grads, memory, profile, setBackend, tensor2d, tidy, valueAndGrads } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect } from 'vitest';
import { backendName, useWasmBackendSync } from '@selfsup/backend-wasm';

/** The tests on a backend without fused kernels, and on one that has them. */
export function describeOnBackends(name: string, tests: (fused: boolean) => void): void {
  describe.each(['cpu', backendName])(`${name} on %s`, (backend) => {
    beforeAll(async () => {
      if (backend === backendName) useWasmBackendSync({ threads: 2 });
      else await setBackend(backend);
    });
    tests(backend === backendName);
  });
}

export type Matrix = readonly (readonly number[])[];
export type Loss = (a: Tensor2D, b: Tensor2D) => Scalar;
/** The same loss in double precision, written without any tensor. */
export type Reference = (a: Matrix, b: Matrix) => number;

export function matrix(batch: number, dim: number, value: (i: number) => number): Matrix {
  return Array.from({ length: batch }, (_, row) => Array.from({ length: dim }, (__, column) => value(row * dim + column)));
}

export const waves = (batch: number, dim: number): readonly [Matrix, Matrix] => [
  matrix(batch, dim, (i) => Math.sin(0.7 * i + 0.3)),
  matrix(batch, dim, (i) => Math.cos(0.4 * i)),
];

export const toTensor = (rows: Matrix): Tensor2D => tensor2d(rows.map((row) => [...row]));
export const valueOf = (loss: Loss, a: Matrix, b: Matrix): number =>
  tidy(() => loss(toTensor(a), toTensor(b)).dataSync()[0]!);

export const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
export const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
export const transpose = (rows: Matrix): Matrix => rows[0]!.map((_, column) => rows.map((row) => row[column]!));
export const cosineOf = (x: readonly number[], y: readonly number[]): number =>
  dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));

/** d reference / d (a or b) by central differences in double precision. */
function differences(reference: Reference, inputs: readonly [Matrix, Matrix], which: 0 | 1): Matrix {
  const h = 1e-5;
  return inputs[which].map((row, i) =>
    row.map((_, j) => {
      const moved = (by: number): number => {
        const shifted = inputs[which].map((r, k) => r.map((v, l) => (k === i && l === j ? v + by : v)));
        return which === 0 ? reference(shifted, inputs[1]) : reference(inputs[0], shifted);
      };
      return (moved(h) - moved(-h)) / (2 * h);
    }),
  );
}

/** Value to 1e-6 relative, both gradients to 1e-5 of their largest element, and nothing left in memory but the results. */
export function expectAgreement(loss: Loss, reference: Reference, a: Matrix, b: Matrix): void {
  const expected = reference(a, b);
  const inputs = [toTensor(a), toTensor(b)] as const;
  const before = memory().numTensors;
  const result = valueAndGrads((x: Tensor, y: Tensor) => loss(x as Tensor2D, y as Tensor2D))([...inputs]);
  expect(memory().numTensors - before).toBe(3);
  expect(Math.abs(result.value.dataSync()[0]! - expected)).toBeLessThanOrEqual(1e-6 * Math.abs(expected));
  for (const which of [0, 1] as const) {
    const numeric = differences(reference, [a, b], which).flat();
    const largest = Math.max(...numeric.map(Math.abs));
    expect(largest).toBeGreaterThan(1e-3);
    const analytic = [...result.grads[which]!.dataSync()];
    const worst = Math.max(...analytic.map((value, i) => Math.abs(value - numeric[i]!)));
    expect(worst).toBeLessThanOrEqual(1e-5 * largest);
    result.grads[which]!.dispose();
  }
  result.value.dispose();
  for (const input of inputs) input.dispose();
}

export function gradientsOf(loss: Loss, a: Matrix, b: Matrix): readonly [number[], number[]] {
  const [da, db] = grads((x: Tensor, y: Tensor) => loss(x as Tensor2D, y as Tensor2D))([toTensor(a), toTensor(b)]);
  return [[...da!.dataSync()], [...db!.dataSync()]];
}

/** Kernels of the loss alone, and of the loss with its gradient to the first argument. */
export async function kernelCounts(loss: Loss): Promise<{ forward: number; withGradient: number }> {
  const [a, b] = waves(8, 16).map(toTensor) as [Tensor2D, Tensor2D];
  return {
    forward: await count(() => loss(a, b)),
    withGradient: await count(() => valueAndGrads((x: Tensor) => loss(x as Tensor2D, b))([a]).grads[0]!),
  };
}

async function count(run: () => Tensor): Promise<number> {
  return (await profile(run)).kernels.filter(isWork).length;
}

/** Reshape and Identity move no data, and a custom-gradient op is listed beside the kernels that it runs. */
function isWork({ name }: { name: string }): boolean {
  return /^[A-Z]/.test(name) && name !== 'Reshape' && name !== 'Identity';
}
