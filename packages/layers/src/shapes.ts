import type { Tensor } from '@tensorflow/tfjs-core';
import { LayersError } from './error.ts';

/** A tfjs-layers shape with its batch dimension, which is null while a model is being built. */
export type BatchShape = (number | null)[];

/** tfjs hands a layer's only input over bare or in a list, depending on who calls. */
export function only<T>(inputs: T | T[]): T {
  return Array.isArray(inputs) ? inputs[0]! : inputs;
}

export function isShapeList(shape: BatchShape | BatchShape[]): shape is BatchShape[] {
  return Array.isArray(shape[0]);
}

export function onlyShape(shape: BatchShape | BatchShape[]): BatchShape {
  return isShapeList(shape) ? shape[0]! : shape;
}

/** The known size of the last axis. */
export function lastSize(shape: BatchShape | BatchShape[], layer: string): number {
  const own = onlyShape(shape);
  const size = own.at(-1);
  if (own.length < 2 || !size) {
    throw new LayersError('shape-mismatch', `${layer} was given ${show(own)}; it takes [batch, .., dim] with a known dim.`);
  }
  return size;
}

/** Sizes of a batch of token sequences `[batch, tokens, dim]`. */
export function tokenShape(shape: BatchShape | BatchShape[], layer: string): [tokens: number, dim: number] {
  const own = onlyShape(shape);
  const [, tokens, dim] = own;
  if (own.length !== 3 || !tokens || !dim) {
    throw new LayersError('shape-mismatch', `${layer} was given ${show(own)}; it takes [batch, tokens, dim] with known sizes.`);
  }
  return [tokens, dim];
}

export function show(shape: BatchShape): string {
  return `[${shape.map((size) => size ?? 'batch').join(', ')}]`;
}

/** Sizes of a channel-last image batch `[batch, height, width, channels]`. */
export function imageShape(shape: BatchShape | BatchShape[], layer: string): [number, number, number] {
  const own = onlyShape(shape);
  const [, height, width, channels] = own;
  if (own.length !== 4 || !height || !width || !channels) {
    throw new LayersError(
      'shape-mismatch',
      `${layer} was given ${show(own)}; it takes [batch, height, width, channels] with known sizes.`,
    );
  }
  return [height, width, channels];
}

/** ⌊(size + 2·padding − window)/stride⌋ + 1, as PyTorch counts. */
export function slidingSize(size: number, window: number, stride: number, padding: number, layer: string): number {
  const out = Math.floor((size + 2 * padding - window) / stride) + 1;
  if (out < 1) {
    throw new LayersError(
      'shape-mismatch',
      `${layer}: a window of ${window} with padding ${padding} does not fit into ${size} pixels; give larger images or a smaller window.`,
    );
  }
  return out;
}

export function positiveInteger(value: unknown, option: string, layer: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) {
    throw new LayersError('invalid-option', `${layer}: ${option} is ${String(value)}; it takes a whole number of at least 1.`);
  }
  return value;
}

export function nonNegativeInteger(value: unknown, option: string, layer: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw new LayersError('invalid-option', `${layer}: ${option} is ${String(value)}; it takes a whole number of at least 0.`);
  }
  return value;
}

export type Inputs = Tensor | Tensor[];
