import { util } from '@tensorflow/tfjs-core';
import type { RunOptions } from '../engine/engine.ts';

/** A dimension and, for each operand, by how many elements one step along it moves. */
export interface Dimension {
  readonly size: number;
  readonly strides: readonly number[];
}

/** Strides of a contiguous tensor. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = stride;
    stride *= shape[d]!;
  }
  return strides;
}

/** Strides of a contiguous tensor of `shape` when it is read as if it had the broadcast shape `out`: 0 where it repeats. */
export function broadcastStrides(shape: readonly number[], out: readonly number[]): number[] {
  const missing = out.length - shape.length;
  const strides = contiguousStrides(shape);
  return out.map((_, d) => (d < missing || shape[d - missing] === 1 ? 0 : strides[d - missing]!));
}

/**
 * The same walk over the elements with as few dimensions as possible: those of size 1 are left out and neighbours are
 * merged where every operand goes through them in one stride. At least one dimension is left.
 */
export function mergeDimensions(shape: readonly number[], ...operands: readonly (readonly number[])[]): Dimension[] {
  const merged: Dimension[] = [];
  for (const [d, size] of shape.entries()) {
    if (size === 1) continue;
    const strides = operands.map((operand) => operand[d]!);
    const last = merged.at(-1);
    if (last !== undefined && last.strides.every((stride, i) => stride === strides[i]! * size)) {
      merged[merged.length - 1] = { size: last.size * size, strides };
    } else {
      merged.push({ size, strides });
    }
  }
  return merged.length > 0 ? merged : [{ size: util.sizeFromShape(shape as number[]), strides: operands.map(() => 1) }];
}

/** The outer dimensions as kernels read them: size and strides of each. */
export function outerArguments(dimensions: readonly Dimension[]): number[] {
  return dimensions.slice(0, -1).flatMap(({ size, strides }) => [size, ...strides]);
}

/** Elements below which one thread is quicker than several. */
const serialElements = 16_384;

/** Elements that are enough for several parts for each thread. */
const manyElements = 262_144;

/** Options of a run over so many elements, in so many parts for each thread when they are many. */
export function split(elements: number, perThread = 8): RunOptions {
  if (elements < serialElements) return { parts: 1 };
  return { perThread: elements < manyElements ? 1 : perThread };
}
