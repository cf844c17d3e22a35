import type { TensorInfo } from '@tensorflow/tfjs-core';
import { withScratch } from '../engine/blocks.ts';
import { f32 } from '../engine/engine.ts';
import { K } from '../engine/kernel-ids.ts';
import { rowsOf } from './batch-norm.ts';
import { areFloats, native } from './native.ts';
import type { NativeKernel } from './native.ts';

interface Inputs {
  readonly dy: TensorInfo;
  readonly x: TensorInfo;
  readonly mean: TensorInfo;
  readonly variance: TensorInfo;
}

/** Σ dy·(x−mean)/√(variance+ε) and Σ dy of each channel: what the gradients of a normalisation's small inputs are made of. */
export const channelSums: NativeKernel = native<Inputs, { readonly epsilon: number }>(
  'SelfsupChannelSums',
  (backend, { dy, x, mean, variance }, { epsilon }) => {
    if (!areFloats(dy, x, mean, variance)) return undefined;
    const { engine } = backend;
    const { rows, channels, chunks, run, join } = rowsOf(x);
    const [products, sums] = [backend.makeTensorInfo([channels], 'float32'), backend.makeTensorInfo([channels], 'float32')];
    const [slope, from, centre, spread] = [backend.address(dy), backend.address(x), backend.address(mean), backend.address(variance)];
    const [outProducts, outSums] = [backend.address(products), backend.address(sums)];
    withScratch(engine, 4 * channels * (2 * chunks + 3), (unused) => {
      const partial = unused + 12 * channels;
      engine.run(K.batchNormGradSums, [slope, from, centre, partial, rows, channels, chunks, 0, 0, 0, 0, 1], run);
      engine.run(K.batchNormGradJoin, [partial, rows, channels, chunks, spread, 0, f32(epsilon), outProducts, outSums, unused, 1], join);
    });
    return [products, sums];
  },
);
