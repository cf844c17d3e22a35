import * as tf from '@tensorflow/tfjs-core';
import type { DataType, Tensor } from '@tensorflow/tfjs-core';
import type { Random } from './random.ts';

/** One call to compare between backends. It makes its own tensors, of numbers drawn before, each time it is run. */
export interface Case {
  readonly name: string;
  readonly run: () => Tensor | readonly Tensor[];
  /** Of |difference| / (1 + |expected|). */
  readonly tolerance?: number;
}

/** Draws a case of one family of kernels. */
export type Family = (random: Random) => Case;

/** Numbers drawn now and made into a tensor whenever it is called. */
export type Operand = (() => Tensor) & { readonly shape: readonly number[] };

export interface OperandOptions {
  readonly dtype?: DataType;
  readonly low?: number;
  readonly high?: number;
  /** Now and then NaN, infinities, zeros and numbers at the ends of float32. */
  readonly special?: boolean;
}

const specials = [0, -0, NaN, Infinity, -Infinity, 1e-40, -1e-40, 3e38, -3e38, 1, -1, 0.5, 1e-6];

export function operand(random: Random, sizes: readonly number[], { dtype = 'float32', low = -2, high = 2, special = false }: OperandOptions = {}): Operand {
  const size = tf.util.sizeFromShape([...sizes]);
  const values = Float32Array.from({ length: size }, () => {
    if (special && random.chance(0.1)) return random.pick(specials);
    const value = low + random.unit() * (high - low);
    return dtype === 'float32' ? value : dtype === 'bool' ? Number(value > 0) : Math.round(value);
  });
  const plain = dtype === 'float32' ? values : dtype === 'bool' ? Uint8Array.from(values) : Int32Array.from(values);
  return Object.assign(() => tf.tensor(plain, [...sizes], dtype), { shape: sizes });
}

/** A shape of the given rank; one in thirty is large enough for several threads, and one in forty has no elements. */
export function shape(random: Random, low: number, high: number): number[] {
  const rank = random.int(low, high);
  const sizes = Array.from({ length: rank }, () => random.pick([1, 2, 3, 4, 5, 7, 8, 13]));
  while (tf.util.sizeFromShape(sizes) > 3000) sizes[random.int(0, rank - 1)] = 1;
  if (rank > 0 && random.chance(1 / 30)) sizes[random.int(0, rank - 1)] = random.int(3000, 9000);
  while (tf.util.sizeFromShape(sizes) > 60_000) sizes[random.int(0, rank - 1)] = 2;
  if (rank > 0 && random.chance(1 / 40)) sizes[random.int(0, rank - 1)] = 0;
  return sizes;
}

export const runKernel = (name: string, inputs: Record<string, Tensor>, attrs: object = {}): Tensor =>
  tf.engine().runKernel(name, inputs as never, attrs as never) as unknown as Tensor;
