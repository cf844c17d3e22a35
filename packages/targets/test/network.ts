// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
// oxlint-disable-next-line import/no-unassigned-import -- registers the gradients, which tfjs-core comes without in Node
import '@tensorflow/tfjs-layers';
import {
  add, div, matMul, mean, mul, randomNormal, reshape, setBackend, sqrt, square, sub, tensor4d, tidy, variable, zeros,
} from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { beforeAll, describe } from 'vitest';
import { backendName, useWasmBackendSync } from '@selfsup/backend-wasm';
import type { Network } from '../src/index.ts';

/** The tests on a backend without the fused kernel of the moving average, and on one that has it. */
export function describeOnBackends(name: string, tests: (fused: boolean) => void): void {
  describe.each(['cpu', backendName])(`${name} on %s`, (backend) => {
    beforeAll(async () => {
      if (backend === backendName) useWasmBackendSync({ threads: 2 });
      else await setBackend(backend);
    });
    tests(backend === backendName);
  });
}

const PIXELS = 12;
const DIM = 4;

/** A real network in small: a linear layer and batch normalisation that keeps a running mean. */
export function network(seed: number): Network & { readonly weight: Variable; readonly running: Variable } {
  const weight = tidy(() => variable(randomNormal([PIXELS, DIM], 0, 1, 'float32', seed)));
  const shift = tidy(() => variable(randomNormal([DIM], 0, 1, 'float32', seed + 1)));
  const running = tidy(() => variable(zeros([DIM]), false));
  const variables = [weight, shift, running];
  return {
    weight,
    running,
    project: (view: Tensor4D): Tensor2D =>
      tidy(() => {
        const x = matMul(reshape(view, [-1, PIXELS]), weight as unknown as Tensor2D);
        const centre = mean<Tensor1D>(x, 0);
        running.assign(add(mul(running, 0.9), mul(centre, 0.1)));
        const centred = sub(x, centre);
        return add(div(centred, sqrt(add(mean(square(centred), 0), 1e-5))), shift) as Tensor2D;
      }),
    parameters: [weight, shift],
    statistics: [running],
    twin: network,
    dispose: () => variables.forEach((v) => v.dispose()),
  };
}

export const view = (phase: number): Tensor4D =>
  tensor4d(Array.from({ length: 5 * PIXELS }, (_, i) => Math.sin(0.7 * i + phase)), [5, 2, 2, 3]);

export const valuesOf = (tensors: readonly Tensor[]): readonly (readonly number[])[] => tensors.map((t) => [...t.dataSync()]);
export const valuesOfOne = (tensor: Tensor): readonly number[] => [...tensor.dataSync()];
