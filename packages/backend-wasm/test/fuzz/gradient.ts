import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { operand, shape } from './case.ts';
import type { Family, Operand } from './case.ts';
import type { Random } from './random.ts';

interface Differentiable {
  readonly name: string;
  readonly operands: readonly Operand[];
  readonly f: (...operands: Tensor[]) => Tensor;
}

type Draw = (random: Random) => Differentiable;

const filled = (random: Random, low: number, high: number): number[] => shape(random, low, high).map((size) => Math.max(1, size));
/** No two numbers alike, so that maxima are where they are on every backend. */
const distinct = (random: Random, sizes: readonly number[]): Operand => operand(random, sizes);

const unaryOps: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  relu: tf.relu, relu6: (x) => tf.relu6(tf.mul(x, 5)), elu: tf.elu, leakyRelu: (x) => tf.leakyRelu(x, 0.1), sigmoid: tf.sigmoid, tanh: tf.tanh,
  softplus: tf.softplus, exp: tf.exp, square: tf.square, abs: tf.abs, neg: tf.neg, erf: tf.erf, log: (x) => tf.log(tf.add(tf.square(x), 0.1)),
  sqrt: (x) => tf.sqrt(tf.add(tf.square(x), 0.1)), rsqrt: (x) => tf.rsqrt(tf.add(tf.square(x), 0.1)), clip: (x) => tf.clipByValue(x, -1, 0.5),
  selu: tf.selu, step: tf.step, sin: tf.sin, softmax: (x) => tf.softmax(x), logSoftmax: (x) => tf.logSoftmax(x), transpose: (x) => tf.transpose(x),
  reverse: (x) => tf.reverse(x, 0), cumsum: (x) => tf.cumsum(x, x.rank - 1), reshape: (x) => tf.reshape(x, [-1]), stack: (x) => tf.stack([x, tf.mul(x, 2)], 1),
  concat: (x) => tf.concat([x, tf.square(x)], 0), pad: (x) => tf.pad(x, x.shape.map((): [number, number] => [1, 2])), prelu: (x) => tf.prelu(x, 0.3),
  slice: (x) => tf.slice(x, x.shape.map((size) => Math.floor(size / 3))), tile: (x) => tf.tile(x, x.shape.map((_, d) => (d === 0 ? 2 : 1))),
  where: (x) => tf.where(tf.cast(tf.reshape(tf.mod(tf.range(0, x.size), 2), x.shape), 'bool'), x, tf.square(x)), addN: (x) => tf.addN([x, tf.exp(x), x, tf.square(x)]),
};

const unary: Draw = (random) => {
  const name = random.pick(Object.keys(unaryOps));
  return { name, operands: [operand(random, filled(random, 1, 4))], f: unaryOps[name]! };
};

const binaryOps: Readonly<Record<string, (a: Tensor, b: Tensor) => Tensor>> = {
  add: (a, b) => tf.add(a, b), sub: (a, b) => tf.sub(a, b), mul: (a, b) => tf.mul(a, b), div: (a, b) => tf.div(a, tf.add(tf.abs(b), 1)),
  maximum: (a, b) => tf.maximum(a, b), minimum: (a, b) => tf.minimum(a, b), squaredDifference: (a, b) => tf.squaredDifference(a, b),
  pow: (a, b) => tf.pow(tf.add(tf.abs(a), 0.5), b),
};

const binary: Draw = (random) => {
  const name = random.pick(Object.keys(binaryOps));
  const full = filled(random, 1, 4);
  // tfjs' gradients of these do not broadcast.
  const other = /imum|Difference/.test(name) ? full : random.pick([full, full.map((size) => (random.chance(0.4) ? 1 : size)), full.slice(-1), []]);
  return { name, operands: [operand(random, full), operand(random, other)], f: binaryOps[name]! };
};

const reductions: Readonly<Record<string, (x: Tensor, axes: number[]) => Tensor>> = {
  sum: (x, axes) => tf.sum(x, axes), mean: (x, axes) => tf.mean(x, axes), max: (x, axes) => tf.max(x, axes), min: (x, axes) => tf.min(x, axes),
  logSumExp: (x, axes) => tf.logSumExp(x, axes), variance: (x, axes) => tf.moments(x, axes).variance, norm: (x, axes) => tf.norm(x, 2, axes.slice(0, 1)),
};

const reduction: Draw = (random) => {
  const name = random.pick(Object.keys(reductions));
  const size = filled(random, 1, 4);
  const axes = size.map((_, d) => d).filter(() => random.chance(0.5));
  return { name: `${name} over [${axes}]`, operands: [distinct(random, size)], f: (x) => reductions[name]!(x, axes.length > 0 ? axes : [0]) };
};

const product: Draw = (random) => {
  const [m, k, n] = [random.int(1, 40), random.int(1, 40), random.int(1, 40)];
  const [transposeA, transposeB, batch] = [random.chance(0.5), random.chance(0.5), random.pick([[], [3]])];
  const operands = [operand(random, [...batch, ...(transposeA ? [k, m] : [m, k])]), operand(random, [...batch, ...(transposeB ? [n, k] : [k, n])])];
  return { name: `matMul ${transposeA} ${transposeB}`, operands, f: (a, b) => tf.matMul(a, b, transposeA, transposeB) };
};

const image = (random: Random): number[] => [random.int(1, 3), random.int(6, 12), random.int(6, 12), random.int(1, 7)];

const convolution: Draw = (random) => {
  const x = image(random);
  const filter = [random.int(1, 4), random.int(1, 4), x[3]!, random.int(1, 8)];
  const [stride, pad] = [random.int(1, 2), random.pick(['same', 'valid'] as const)];
  const depthwise = random.chance(0.3);
  const name = `${depthwise ? 'depthwiseConv2d' : 'conv2d'} / ${stride} ${pad}`;
  const operands = [operand(random, x), operand(random, depthwise ? [...filter.slice(0, 3), random.int(1, 2)] : filter)];
  return { name, operands, f: (a, b) => (depthwise ? tf.depthwiseConv2d : tf.conv2d)(a as tf.Tensor4D, b as tf.Tensor4D, stride, pad) };
};

const pooling: Draw = (random) => {
  const [size, stride, pad, max] = [random.int(1, 3), random.int(1, 3), random.pick(['same', 'valid'] as const), random.chance(0.5)];
  return { name: `${max ? 'maxPool' : 'avgPool'} ${size} / ${stride} ${pad}`, operands: [distinct(random, image(random))], f: (x) => (max ? tf.maxPool : tf.avgPool)(x as tf.Tensor4D, size, stride, pad) };
};

const normalization: Draw = (random) => {
  const size = random.pick([image(random), filled(random, 2, 2)]);
  const [mean, variance, offset, scale] = [{}, { low: 0.2 }, {}, {}].map((range) => operand(random, size.slice(-1), range));
  return { name: 'batchNorm', operands: [operand(random, size), mean!, variance!, offset!, scale!], f: (x, m, v, o, s) => tf.batchNorm(x!, m as tf.Tensor1D, v as tf.Tensor1D, o as tf.Tensor1D, s as tf.Tensor1D, 1e-3) };
};

const gather: Draw = (random) => {
  const x = operand(random, filled(random, 1, 3));
  const axis = random.int(0, x.shape.length - 1);
  const places = Array.from({ length: random.int(1, 9) }, () => random.int(0, x.shape[axis]! - 1));
  return { name: `gather axis ${axis}`, operands: [x], f: (t) => tf.gather(t, tf.tensor1d(places, 'int32'), axis) };
};

const draws: readonly Draw[] = [unary, unary, unary, binary, binary, reduction, product, convolution, pooling, normalization, gather];

/** The gradients of an op for all of its operands, as TensorFlow.js registers them, against a dy that differs everywhere. */
export const gradients: Family = (random) => {
  const { name, operands, f } = random.pick(draws)(random);
  return {
    name: `gradient of ${name} ${operands.map(({ shape: sizes }) => `[${sizes}]`).join(' ')}`,
    run: () => {
      const given = operands.map((make) => make());
      const y = f(...given);
      const dy = tf.reshape(tf.cos(tf.range(0, y.size)), y.shape);
      return tf.grads((...tensors: Tensor[]) => f(...tensors))(given, dy);
    },
    tolerance: 2e-4,
  };
};
