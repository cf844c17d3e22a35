// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
// oxlint-disable-next-line import/no-unassigned-import -- registers the gradients
import '@tensorflow/tfjs-layers';
import { grads, mul, randomNormal, ready, registerKernel, setBackend, sum, tensor, unregisterKernel } from '@tensorflow/tfjs-core';
import type { KernelConfig, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { relativeGap, values } from '../test/gradient-check.ts';
import { geluOf } from './gelu.ts';
import { layerNormalize } from './layer-normalize.ts';

// The contract of docs/architecture.md, played by the definition in plain loops, as in fused-kernels.test.ts.

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

interface Call {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly attrs: Readonly<Record<string, unknown>>;
}

const draw = (size: number[], seed: number): Tensor => randomNormal(size, 0.5, 1, 'float32', seed);
const optional = (t: Tensor | undefined): number[] | undefined => t && values(t);

function layerNormKernel({ inputs: { x, gamma, beta }, attrs }: Call): Tensor[] {
  const [data, dim] = [values(x!), x!.shape.at(-1)!];
  const [g, b] = [optional(gamma), optional(beta)];
  const rows = Array.from({ length: data.length / dim }, (_, row) => data.slice(row * dim, (row + 1) * dim));
  const means = rows.map((row) => row.reduce((total, value) => total + value) / dim);
  const inverse = rows.map((row, r) => 1 / Math.sqrt(row.reduce((total, value) => total + (value - means[r]!) ** 2, 0) / dim + Number(attrs['epsilon'])));
  const y = rows.flatMap((row, r) => row.map((value, i) => (g?.[i] ?? 1) * (value - means[r]!) * inverse[r]! + (b?.[i] ?? 0)));
  return [tensor(y, x!.shape), tensor(means), tensor(inverse)];
}

function layerNormGradKernel({ inputs: { dy, x, gamma, mean, inverseDeviation } }: Call): Tensor[] {
  const dim = x!.shape.at(-1)!;
  const [means, inverse, g, slopes] = [values(mean!), values(inverseDeviation!), optional(gamma), values(dy!)];
  const normed = values(x!).map((value, i) => (value - means[Math.floor(i / dim)]!) * inverse[Math.floor(i / dim)]!);
  const scaled = slopes.map((value, i) => value * (g?.[i % dim] ?? 1));
  const rowMean = (list: number[], i: number): number => {
    const start = i - (i % dim);
    return list.slice(start, start + dim).reduce((total, value) => total + value) / dim;
  };
  const product = scaled.map((value, i) => value * normed[i]!);
  const dx = scaled.map((value, i) => inverse[Math.floor(i / dim)]! * (value - rowMean(scaled, i) - normed[i]! * rowMean(product, i)));
  const perFeature = (list: number[]): number[] =>
    Array.from({ length: dim }, (_, feature) => list.filter((_value, i) => i % dim === feature).reduce((total, value) => total + value));
  return [tensor(dx, x!.shape), tensor(perFeature(slopes.map((value, i) => value * normed[i]!))), tensor(perFeature(slopes))];
}

/** The tanh formula, which differs from the exact one by up to 5e-4. */
const bent = (x: number): number => (x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))) / 2;

function geluKernel({ inputs: { x } }: Call): Tensor {
  return tensor(values(x!).map(bent), x!.shape);
}

function geluGradKernel({ inputs: { dy, x } }: Call): Tensor {
  const slopes = values(dy!);
  return tensor(values(x!).map((value, i) => (slopes[i]! * (bent(value + 1e-5) - bent(value - 1e-5))) / 2e-5), x!.shape);
}

const fused = {
  SelfsupLayerNorm: layerNormKernel,
  SelfsupLayerNormGrad: layerNormGradKernel,
  SelfsupGelu: geluKernel,
  SelfsupGeluGrad: geluGradKernel,
};
let calls: (Call & { readonly name: string })[] = [];
let registered = false;

function registerFused(): void {
  calls = [];
  registered = true;
  for (const [kernelName, kernel] of Object.entries(fused)) {
    const kernelFunc = (call: unknown): Tensor | Tensor[] => {
      calls.push({ name: kernelName, ...(call as Call) });
      return kernel(call as Call);
    };
    registerKernel({ kernelName, backendName: 'cpu', kernelFunc: kernelFunc as unknown as KernelConfig['kernelFunc'] });
  }
}

afterEach(() => {
  if (registered) for (const name of Object.keys(fused)) unregisterKernel(name, 'cpu');
  registered = false;
});

/** Gradients of Σ weights·f as the backend computes them now. */
function gradientsOf(f: (...given: Tensor[]) => Tensor, operands: Tensor[]): number[][] {
  const weights = draw(operands[0]!.shape, 9);
  return grads((...given: Tensor[]) => sum(mul(f(...given), weights)))(operands).map(values);
}

const called = (): [string, string[], object][] => calls.map(({ name, inputs, attrs }) => [name, Object.keys(inputs).toSorted(), attrs]);

describe('a backend with the fused kernels of tokens', () => {
  it.each([true, false])('is asked for layer normalisation by the contract (affine: %s), and agrees with the composition', (affine) => {
    const operands = [draw([2, 3, 4], 1), ...(affine ? [draw([4], 2), draw([4], 3)] : [])];
    const f = (x: Tensor, gamma?: Tensor, beta?: Tensor): Tensor =>
      layerNormalize(x, gamma && beta && { gamma: gamma as Tensor1D, beta: beta as Tensor1D }, 1e-6);
    const composed = [values(f(...(operands as [Tensor]))), ...gradientsOf(f as (...given: Tensor[]) => Tensor, operands)];
    registerFused();
    const agreed = [values(f(...(operands as [Tensor]))), ...gradientsOf(f as (...given: Tensor[]) => Tensor, operands)];
    for (const [i, list] of agreed.entries()) expect(relativeGap(list, composed[i]!)).toBeLessThan(1e-5);
    expect(called().slice(1)).toEqual([
      ['SelfsupLayerNorm', [...(affine ? ['beta', 'gamma'] : []), 'x'], { epsilon: 1e-6 }],
      ['SelfsupLayerNormGrad', ['dy', ...(affine ? ['gamma'] : []), 'inverseDeviation', 'mean', 'x'], {}],
    ]);
    expect(calls.at(-1)!.inputs['mean']!.shape).toEqual([6]);
    expect(calls.at(-1)!.inputs['inverseDeviation']!.shape).toEqual([6]);
  });

  it('is asked for GELU by the contract, and agrees with the composition', () => {
    const x = draw([2, 3, 4], 1);
    const f = (given: Tensor): Tensor => geluOf(given, true);
    const composed = gradientsOf(f, [x])[0]!;
    registerFused();
    expect(relativeGap(gradientsOf(f, [x])[0]!, composed)).toBeLessThan(1e-5);
    expect(called()).toEqual([
      ['SelfsupGelu', ['x'], { approximate: true }],
      ['SelfsupGeluGrad', ['dy', 'x'], { approximate: true }],
    ]);
  });
});
