import * as tf from '@tensorflow/tfjs-core';
import { operand, runKernel, shape } from './case.ts';
import type { Case, Family } from './case.ts';
import type { Random } from './random.ts';

const activations = ['linear', 'relu', 'relu6', 'elu', 'sigmoid', 'leakyrelu', 'prelu'] as const;

export const matMul: Family = (random) => {
  const [m, k, n] = [random.int(1, 20), random.int(1, 20), random.int(1, 20)];
  const [transposeA, transposeB] = [random.chance(0.5), random.chance(0.5)];
  const batch = random.pick([[], [1], [3], [2, 2]]);
  const batchB = random.pick([batch, batch, batch.map(() => 1)]);
  const a = operand(random, [...batch, ...(transposeA ? [k, m] : [m, k])]);
  const b = operand(random, [...batchB, ...(transposeB ? [n, k] : [k, n])]);
  const name = `matMul [${a.shape}]${transposeA ? 'ᵀ' : ''} [${b.shape}]${transposeB ? 'ᵀ' : ''}`;
  if (random.chance(0.5)) return { name, run: () => tf.matMul(a(), b(), transposeA, transposeB) };
  const activation = random.pick(activations);
  const bias = random.chance(0.7) ? operand(random, random.pick([[n], [1, n], [1]])) : undefined;
  const weights = operand(random, [n]);
  return {
    name: `${name} fused ${activation} [${bias?.shape}]`,
    run: () =>
      tf.fused.matMul({
        a: a(), b: b(), transposeA, transposeB, activation, leakyreluAlpha: 0.2,
        ...(bias ? { bias: bias() } : {}), ...(activation === 'prelu' ? { preluActivationWeights: weights() } : {}),
      }),
  };
};

interface Geometry {
  readonly x: readonly [number, number, number, number];
  readonly filter: readonly [number, number];
  readonly strides: [number, number];
  readonly dilations: [number, number];
  readonly pad: 'same' | 'valid' | [[number, number], [number, number], [number, number], [number, number]];
}

function geometry(random: Random): Geometry {
  const filter = [random.int(1, 5), random.int(1, 5)] as const;
  const strides: [number, number] = [random.int(1, 3), random.int(1, 3)];
  const dilated = random.chance(0.2);
  const side = (): [number, number] => [random.int(0, 2), random.int(0, 2)];
  return {
    x: [random.int(1, 3), random.int(9, 14), random.int(9, 14), random.int(1, 9)],
    filter,
    strides: dilated ? [1, 1] : strides,
    dilations: dilated ? [random.int(1, 2), random.int(1, 2)] : [1, 1],
    pad: random.pick(['same', 'valid', [[0, 0], side(), side(), [0, 0]]]),
  };
}

const describe = (op: string, g: Geometry): string => `${op} x [${g.x}] filter [${g.filter}] strides [${g.strides}] dilations [${g.dilations}] pad ${JSON.stringify(g.pad)}`;

function outShape(g: Geometry, out: number): number[] {
  return tf.backend_util.computeConv2DInfo([...g.x], [...g.filter, g.x[3], out], g.strides, 1, g.pad as 'same').outShape;
}

export const conv: Family = (random) => convCase(random, geometry(random), random.int(1, 10));

/** Channels by the dozen, as networks have them: whole register blocks, more than one of them, and what is left over. */
export const wideConv: Family = (random) => {
  const side = random.int(4, 10);
  const filter = random.pick([[3, 3], [3, 3], [1, 1], [2, 2]] as const);
  const x = [random.int(1, 3), side, random.int(4, 10), random.int(20, 70)] as const;
  const stride = random.pick([1, 1, 2]);
  // The cpu backend adds up its sums in float32, one by one.
  return { tolerance: 2e-4, ...convCase(random, { x, filter, strides: [stride, stride], dilations: [1, 1], pad: random.pick(['same', 'valid']) }, random.int(20, 70)) };
};

function convCase(random: Random, g: Geometry, out: number): Case {
  const x = operand(random, g.x);
  const filter = operand(random, [...g.filter, g.x[3], out]);
  const { strides, dilations } = g;
  const pad = g.pad as 'same';
  const op = random.pick(['forward', 'fused', 'input gradient', 'filter gradient']);
  const name = describe(`conv2d ${op} → ${out}`, g);
  if (op === 'forward') return { name, run: () => tf.conv2d(x() as tf.Tensor4D, filter() as tf.Tensor4D, strides, pad, 'NHWC', dilations) };
  if (op === 'fused') {
    const activation = random.pick(activations);
    const [bias, weights] = [operand(random, [out]), operand(random, [out])];
    const biased = random.chance(0.8);
    return {
      name: `${name} ${activation} bias ${biased}`,
      run: () =>
        tf.fused.conv2d({
          x: x() as tf.Tensor4D, filter: filter() as tf.Tensor4D, strides, pad, dilations, activation, leakyreluAlpha: 0.2,
          ...(biased ? { bias: bias() } : {}), ...(activation === 'prelu' ? { preluActivationWeights: weights() } : {}),
        }),
    };
  }
  const dy = operand(random, outShape(g, out));
  const attrs = { strides, pad, dataFormat: 'NHWC', inputShape: [...g.x], filterShape: filter.shape };
  return op === 'input gradient'
    ? { name, run: () => runKernel('Conv2DBackpropInput', { dy: dy(), filter: filter() }, attrs) }
    : { name, run: () => runKernel('Conv2DBackpropFilter', { x: x(), dy: dy() }, attrs), tolerance: 1e-4 };
}

export const depthwise: Family = (random) => {
  const g = geometry(random);
  const multiplier = random.int(1, 3);
  const x = operand(random, g.x);
  const filter = operand(random, [...g.filter, g.x[3], multiplier]);
  const { strides, dilations } = g;
  const pad = g.pad as 'same';
  const op = random.pick(['forward', 'input gradient', 'filter gradient']);
  const name = describe(`depthwise ${op} × ${multiplier}`, g);
  if (op === 'forward') return { name, run: () => tf.depthwiseConv2d(x() as tf.Tensor4D, filter() as tf.Tensor4D, strides, pad, 'NHWC', dilations) };
  const dy = operand(random, outShape(g, g.x[3] * multiplier));
  const attrs = { strides, pad, dilations: [1, 1], inputShape: [...g.x], filterShape: filter.shape };
  return op === 'input gradient'
    ? { name, run: () => runKernel('DepthwiseConv2dNativeBackpropInput', { dy: dy(), filter: filter() }, attrs) }
    : { name, run: () => runKernel('DepthwiseConv2dNativeBackpropFilter', { x: x(), dy: dy() }, attrs), tolerance: 1e-4 };
};

export const pool: Family = (random) => {
  const g = geometry(random);
  const x = operand(random, g.x);
  const dy = operand(random, outShape(g, g.x[3]));
  const attrs = { filterSize: [...g.filter], strides: g.strides, pad: g.pad };
  const op = random.pick(['MaxPool', 'AvgPool', 'MaxPoolGrad', 'AvgPoolGrad']);
  // With explicit padding wider than the window, a window can lie outside the image.
  const info = tf.backend_util.computePool2DInfo([...g.x], [...g.filter], g.strides, 1, g.pad as 'same');
  const empty = info.padInfo.top >= g.filter[0] || info.padInfo.left >= g.filter[1] || info.padInfo.bottom >= g.filter[0] || info.padInfo.right >= g.filter[1];
  if (empty) return pool(random);
  return {
    name: describe(op, g),
    run: () => {
      if (!op.endsWith('Grad')) return runKernel(op, { x: x() }, attrs);
      const input = x();
      return runKernel(op, { dy: dy(), input, output: input }, attrs);
    },
  };
};

export const einsum: Family = (random) => {
  const sizes: Readonly<Record<string, number>> = Object.fromEntries(['b', 'i', 'j', 'k', 'l'].map((letter) => [letter, random.int(1, 5)]));
  const equation = random.pick(['ij,jk->ik', 'bij,bjk->bik', 'ij,kj->ik', 'ij->ji', 'ij->i', 'bij,bkj->bik', 'i,i->', 'i,j->ij', 'bij,jk->bik', 'ij,ij->', 'bijk,bl->bijkl', 'bij,bij->b', 'bij->', 'ijk->kj', 'bi,bj->bji', 'ijk,jil->lk', 'ij,jk,kl->il']);
  const operands = equation.split('->')[0]!.split(',').map((letters) => operand(random, Array.from(letters, (letter) => sizes[letter]!)));
  return { name: `einsum ${equation} ${operands.map(({ shape: s }) => `[${s}]`).join(' ')}`, run: () => tf.einsum(equation, ...operands.map((make) => make())) };
};

type Reduction = (x: tf.Tensor, axes: number[], keep: boolean) => tf.Tensor;
const reductions: Readonly<Record<string, Reduction>> = {
  sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min, prod: tf.prod, logSumExp: tf.logSumExp,
  argMax: (x, [axis]) => tf.argMax(x, axis), argMin: (x, [axis]) => tf.argMin(x, axis),
  cumsum: (x, [axis], keep) => tf.cumsum(x, axis, keep, axis! % 2 === 1), softmax: (x) => tf.softmax(x), logSoftmax: (x) => tf.logSoftmax(x),
  variance: (x, axes) => tf.moments(x, axes).variance,
};

export const reduce: Family = (random) => {
  const size = shape(random, 1, 5).map((n) => Math.max(1, n));
  const chosen = size.map((_, d) => d).filter(() => random.chance(0.5));
  const axes = chosen.length > 0 ? chosen : [random.int(0, size.length - 1)];
  const name = random.pick(Object.keys(reductions));
  const keep = random.chance(0.5);
  const dtype = random.chance(0.1) && /sum$|max|min/.test(name) ? 'int32' : 'float32';
  // The product of thousands of numbers says nothing.
  const x = operand(random, size, { dtype, ...(name === 'prod' ? { low: 0.9, high: 1.1 } : {}) });
  // The cpu backend adds up running sums in float32, one by one.
  return { name: `${name} [${size}] over [${axes}] ${keep} ${dtype}`, run: () => reductions[name]!(x(), axes, keep), tolerance: name === 'cumsum' ? 1e-3 : 5e-5 };
};

export const batchNorm: Family = (random) => {
  const size = shape(random, 2, 4).map((n) => Math.max(1, n));
  const c = size.at(-1)!;
  const x = operand(random, size);
  const [mean, variance, offset, scale] = [{}, { low: 0.1 }, {}, {}].map((range) => operand(random, [c], range));
  const [hasOffset, hasScale] = [random.chance(0.5), random.chance(0.5)];
  return {
    name: `batchNorm [${size}]`,
    run: () => tf.batchNorm(x(), mean!() as tf.Tensor1D, variance!() as tf.Tensor1D, hasOffset ? (offset!() as tf.Tensor1D) : undefined, hasScale ? (scale!() as tf.Tensor1D) : undefined, 1e-3),
  };
};
