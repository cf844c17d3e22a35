import type { layers } from '@tensorflow/tfjs-layers';
import { conv2d } from './conv2d.ts';
import type { KernelInit } from './initial-weights.ts';

export interface PatchEmbeddingOptions {
  /** Side of a patch in pixels. */
  readonly patch: number;
  /** Features of a token. */
  readonly dim: number;
  /** How the kernel starts. */
  readonly init?: KernelInit;
  /** Draws the initial weights. */
  readonly seed: number;
  readonly name?: string;
}

/**
 * Cuts images into patches and maps each linearly to a token: `[batch, height, width, channels]` →
 * `[batch, height/patch, width/patch, dim]`. Pixels that fill no patch are left out.
 *
 * It is a convolution whose strides are its kernel; `flattenTokens` makes a sequence of its grid.
 *
 * @throws LayersError `invalid-option`; `shape-mismatch` when the image is smaller than a patch
 * @see Dosovitskiy et al. 2020, https://arxiv.org/abs/2010.11929
 */
export function patchEmbedding({ patch, dim, init = 'torch', seed, name }: PatchEmbeddingOptions): layers.Layer {
  return conv2d({ filters: dim, kernelSize: patch, strides: patch, bias: true, init, seed, ...(name === undefined ? {} : { name }) });
}
