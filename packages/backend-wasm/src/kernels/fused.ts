import { util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backend.ts';
import { withScratch } from '../engine/blocks.ts';
import { f32 } from '../engine/engine.ts';
import { K } from '../engine/kernel-ids.ts';
import { areFloats, native } from './native.ts';
import type { NativeKernel } from './native.ts';
import { split } from './strides.ts';

// Layer normalisation, GELU, normalisation to length 1 and cross-entropy, forward and backward, as `@selfsup/layers` and
// `@selfsup/losses` run them by name. Names, inputs, attributes and outputs are a contract.

interface Rows {
  readonly size: number;
  readonly rows: number;
  readonly columns: number;
}

function rowsOf({ shape }: TensorInfo): Rows {
  const [size, columns] = [util.sizeFromShape(shape), shape.at(-1) ?? 1];
  return { size, rows: columns === 0 ? 0 : size / columns, columns };
}

const addresses = (backend: WasmBackend, ...tensors: readonly (TensorInfo | undefined)[]): number[] =>
  tensors.map((tensor) => (tensor === undefined ? 0 : backend.address(tensor)));

const like = (backend: WasmBackend, { shape }: TensorInfo): TensorInfo => backend.makeTensorInfo(shape, 'float32');

interface LayerNormInputs {
  readonly x: TensorInfo;
  readonly gamma?: TensorInfo;
  readonly beta?: TensorInfo;
}

const layerNorm = native<LayerNormInputs, { readonly epsilon: number }>('SelfsupLayerNorm', (backend, { x, gamma, beta }, { epsilon }) => {
  if (!areFloats(x, gamma, beta)) return undefined;
  const { size, rows, columns } = rowsOf(x);
  const [y, mean, inverse] = [like(backend, x), backend.makeTensorInfo([rows], 'float32'), backend.makeTensorInfo([rows], 'float32')];
  backend.engine.run(K.layerNorm, [...addresses(backend, x, gamma, beta, y, mean, inverse), rows, columns, f32(epsilon)], split(size));
  return [y, mean, inverse];
});

interface LayerNormGradInputs {
  readonly dy: TensorInfo;
  readonly x: TensorInfo;
  readonly gamma?: TensorInfo;
  readonly mean: TensorInfo;
  readonly inverseDeviation: TensorInfo;
}

/** Rows whose share of dγ and dβ is summed on its own, so that the sums do not depend on the threads. */
const chunkRows = 64;
const mostChunks = 64;

const layerNormGrad = native<LayerNormGradInputs>('SelfsupLayerNormGrad', (backend, { dy, x, gamma, mean, inverseDeviation }) => {
  if (!areFloats(dy, x, gamma, mean, inverseDeviation)) return undefined;
  const { engine } = backend;
  const { size, rows, columns } = rowsOf(x);
  const chunks = Math.max(1, Math.min(mostChunks, Math.ceil(rows / chunkRows)));
  const [dx, dgamma, dbeta] = [like(backend, x), backend.makeTensorInfo([columns], 'float32'), backend.makeTensorInfo([columns], 'float32')];
  const [from, to] = [addresses(backend, dy, x, gamma, mean, inverseDeviation, dx), addresses(backend, dgamma, dbeta)];
  withScratch(engine, 8 * chunks * columns, (sums) => {
    const partial = [sums, sums + 4 * chunks * columns];
    engine.run(K.layerNormGrad, [...from, ...partial, rows, columns, chunks], split(size));
    for (const [i, at] of partial.entries()) engine.run(K.reduceSum, [at, to[i]!, 1, chunks, columns, 1, f32(1)], { parts: 1 });
  });
  return [dx, dgamma, dbeta];
});

interface Formula {
  readonly approximate: boolean;
}

const gelu = native<{ readonly x: TensorInfo }, Formula>('SelfsupGelu', (backend, { x }, { approximate }) => {
  if (!areFloats(x)) return undefined;
  const [y, { size }] = [like(backend, x), rowsOf(x)];
  backend.engine.run(approximate ? K.geluApproximate : K.gelu, [...addresses(backend, x, y), size], split(size));
  return y;
});

const geluGrad = native<{ readonly dy: TensorInfo; readonly x: TensorInfo }, Formula>('SelfsupGeluGrad', (backend, { dy, x }, { approximate }) => {
  if (!areFloats(dy, x)) return undefined;
  const [dx, { size }] = [like(backend, x), rowsOf(x)];
  const [slope, from, to] = addresses(backend, dy, x, dx) as [number, number, number];
  backend.engine.run(approximate ? K.geluApproximateGrad : K.geluGrad, [from, to, size, slope], split(size));
  return dx;
});

interface Clamp {
  readonly epsilon: number;
}

const l2Normalize = native<{ readonly x: TensorInfo }, Clamp>('SelfsupL2Normalize', (backend, { x }, { epsilon }) => {
  if (!areFloats(x)) return undefined;
  const { size, rows, columns } = rowsOf(x);
  const [y, squares] = [like(backend, x), backend.makeTensorInfo([rows], 'float32')];
  backend.engine.run(K.l2Normalize, [...addresses(backend, x, y, squares), rows, columns, f32(epsilon)], split(size));
  return [y, squares];
});

interface L2NormalizeGradInputs {
  readonly dy: TensorInfo;
  readonly y: TensorInfo;
  readonly squares: TensorInfo;
}

const l2NormalizeGrad = native<L2NormalizeGradInputs, Clamp>('SelfsupL2NormalizeGrad', (backend, { dy, y, squares }, { epsilon }) => {
  if (!areFloats(dy, y, squares)) return undefined;
  const { size, rows, columns } = rowsOf(y);
  const dx = like(backend, y);
  backend.engine.run(K.l2NormalizeGrad, [...addresses(backend, dy, y, squares, dx), rows, columns, f32(epsilon)], split(size));
  return dx;
});

interface CrossEntropyInputs {
  readonly logits: TensorInfo;
  /** int32 */
  readonly labels: TensorInfo;
}

const crossEntropy = native<CrossEntropyInputs>('SelfsupSoftmaxCrossEntropy', (backend, { logits, labels }) => {
  const { size, rows, columns } = rowsOf(logits);
  if (!areFloats(logits) || labels.dtype !== 'int32') return undefined;
  const [loss, logSum] = [backend.makeTensorInfo([rows], 'float32'), backend.makeTensorInfo([rows], 'float32')];
  backend.engine.run(K.crossEntropy, [...addresses(backend, logits, labels, loss, logSum), rows, columns], split(size));
  return [loss, logSum];
});

interface CrossEntropyGradInputs extends CrossEntropyInputs {
  readonly dloss: TensorInfo;
  readonly logSum: TensorInfo;
}

const crossEntropyGrad = native<CrossEntropyGradInputs>('SelfsupSoftmaxCrossEntropyGrad', (backend, { dloss, logits, labels, logSum }) => {
  const { size, rows, columns } = rowsOf(logits);
  if (!areFloats(dloss, logits, logSum) || labels.dtype !== 'int32') return undefined;
  const dx = like(backend, logits);
  backend.engine.run(K.crossEntropyGrad, [...addresses(backend, dloss, logits, labels, logSum, dx), rows, columns], split(size));
  return dx;
});

export const fusedKernels: readonly NativeKernel[] = [
  layerNorm, layerNormGrad, gelu, geluGrad, l2Normalize, l2NormalizeGrad, crossEntropy, crossEntropyGrad,
];
