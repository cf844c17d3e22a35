import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { operand, runKernel, shape } from './case.ts';
import type { Family, Operand } from './case.ts';
import type { Random } from './random.ts';

const dtypeOf = (random: Random): 'float32' | 'int32' | 'bool' => random.pick(['float32', 'float32', 'float32', 'int32', 'bool']);
const filled = (random: Random, low: number, high: number): number[] => shape(random, low, high).map((size) => Math.max(1, size));

function permutation(random: Random, n: number): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.int(0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

type ShapeCase = (random: Random) => { readonly name: string; readonly x: Operand; readonly run: (x: Tensor) => Tensor | readonly Tensor[] };

const cases: Readonly<Record<string, ShapeCase>> = {
  transpose: (random) => {
    const x = operand(random, shape(random, 1, 6), { dtype: dtypeOf(random) });
    const perm = permutation(random, x.shape.length);
    return { name: `[${perm}]`, x, run: (t) => tf.transpose(t, perm) };
  },
  slice: (random) => {
    const x = operand(random, filled(random, 1, 5), { dtype: dtypeOf(random) });
    const begin = x.shape.map((size) => random.int(0, size - 1));
    const size = x.shape.map((whole, d) => random.int(0, whole - begin[d]!));
    return { name: `[${begin}] [${size}]`, x, run: (t) => tf.slice(t, begin, size) };
  },
  stridedSlice: (random) => {
    const x = operand(random, filled(random, 1, 4));
    const begin = x.shape.map((size) => random.int(0, size - 1));
    const strides = x.shape.map(() => random.int(1, 3));
    return { name: `[${begin}] by [${strides}]`, x, run: (t) => tf.stridedSlice(t, begin, [...x.shape], strides) };
  },
  concat: (random) => {
    const x = operand(random, shape(random, 1, 5), { dtype: dtypeOf(random) });
    const axis = random.int(0, x.shape.length - 1);
    return { name: `axis ${axis}`, x, run: (t) => tf.concat([t, tf.slice(t, 0, x.shape.map((size, d) => (d === axis ? Math.ceil(size / 2) : size))), t], axis) };
  },
  stack: (random) => {
    const x = operand(random, shape(random, 0, 4), { dtype: dtypeOf(random) });
    const axis = random.int(0, x.shape.length);
    return { name: `axis ${axis}`, x, run: (t) => tf.stack([t, t, t], axis) };
  },
  unstack: (random) => {
    const x = operand(random, filled(random, 1, 4).map((size) => Math.min(size, 40)), { dtype: dtypeOf(random) });
    const axis = random.int(0, x.shape.length - 1);
    return { name: `axis ${axis}`, x, run: (t) => tf.unstack(t, axis) };
  },
  split: (random) => {
    const x = operand(random, filled(random, 1, 4), { dtype: dtypeOf(random) });
    const axis = random.int(0, x.shape.length - 1);
    const first = random.int(0, x.shape[axis]!);
    return { name: `axis ${axis} at ${first}`, x, run: (t) => tf.split(t, [first, x.shape[axis]! - first], axis) };
  },
  pad: (random) => {
    const x = operand(random, shape(random, 1, 4), { dtype: random.pick(['float32', 'float32', 'int32']) });
    const paddings = x.shape.map((): [number, number] => [random.int(0, 3), random.int(0, 3)]);
    return { name: `[${paddings.join(' ')}]`, x, run: (t) => tf.pad(t, paddings, 2) };
  },
  tile: (random) => {
    const x = operand(random, shape(random, 1, 5).map((size) => Math.min(size, 50)), { dtype: dtypeOf(random) });
    const reps = x.shape.map(() => random.int(1, 3));
    return { name: `[${reps}]`, x, run: (t) => tf.tile(t, reps) };
  },
  broadcastTo: (random) => {
    const target = shape(random, 1, 5);
    const x = operand(random, target.map((size) => (random.chance(0.5) ? 1 : size)));
    return { name: `→ [${target}]`, x, run: (t) => tf.broadcastTo(t, target) };
  },
  reverse: (random) => {
    const x = operand(random, shape(random, 1, 4), { dtype: dtypeOf(random) });
    const axes = x.shape.map((_, d) => d).filter(() => random.chance(0.5));
    return { name: `axes [${axes}]`, x, run: (t) => tf.reverse(t, axes) };
  },
  gather: (random) => {
    const x = operand(random, filled(random, 1, 4), { dtype: dtypeOf(random) });
    const axis = random.int(0, x.shape.length - 1);
    const places = Array.from({ length: random.int(1, 9) }, () => random.int(0, x.shape[axis]! - 1));
    const indices = random.chance(0.3) ? [places] : places;
    return { name: `axis ${axis}`, x, run: (t) => tf.gather(t, tf.tensor(indices, undefined, 'int32'), axis) };
  },
  segmentSum: (random) => {
    const x = operand(random, filled(random, 1, 3));
    const ids = x.shape.slice(0, 1).flatMap((rows) => Array.from({ length: rows }, () => random.int(0, 4)));
    return { name: '', x, run: (t) => tf.unsortedSegmentSum(t, tf.tensor1d(ids, 'int32'), 5) };
  },
  oneHot: (random) => {
    const x = operand(random, filled(random, 1, 2), { dtype: 'int32', low: -1, high: 6 });
    return { name: '', x, run: (t) => tf.oneHot(t, 5, 2, -1) };
  },
  likes: (random) => {
    const x = operand(random, shape(random, 0, 4), { dtype: dtypeOf(random) });
    return { name: '', x, run: (t) => [tf.zerosLike(t), tf.onesLike(t), tf.mul(tf.fill(t.shape, 3.5), 2), tf.clone(t), tf.reshape(t, [t.size])] };
  },
  spaceToBatch: (random) => {
    const x = operand(random, [random.int(1, 3), 4, 6, random.int(1, 5)]);
    return { name: '', x, run: (t) => tf.spaceToBatchND(t, [2, 3], [[0, 0], [0, 0]]) };
  },
  depthToSpace: (random) => {
    const x = operand(random, [random.int(1, 3), 3, 2, 8]);
    return { name: '', x, run: (t) => tf.depthToSpace(t as tf.Tensor4D, 2) };
  },
  resize: (random) => {
    const x = operand(random, [random.int(1, 2), random.int(1, 7), random.int(1, 7), random.int(1, 9)]);
    const [size, align] = [[random.int(1, 9), random.int(1, 9)] as [number, number], random.chance(0.5)];
    const half = !align && random.chance(0.5);
    return { name: `→ [${size}] ${align} ${half}`, x, run: (t) => [tf.image.resizeBilinear(t as tf.Tensor4D, size, align, half), tf.image.resizeNearestNeighbor(t as tf.Tensor4D, size, align, half)] };
  },
  resizeGrad: (random) => {
    // The cpu backend swaps height and width in this gradient's shape.
    const side = random.int(2, 7);
    const x = operand(random, [random.int(1, 2), side, side, random.int(1, 9)]);
    const align = random.chance(0.5);
    const [h, w] = [random.int(2, 9), random.int(2, 9)];
    return {
      name: `[${h} ${w}] ${align}`,
      x,
      run: (t) => runKernel('ResizeBilinearGrad', { images: t, dy: tf.tile(tf.slice(t, 0, [x.shape[0]!, 1, 1, x.shape[3]!]), [1, h, w, 1]) }, { alignCorners: align }),
    };
  },
  topk: (random) => {
    const x = operand(random, [random.int(1, 5), random.int(3, 60)], { dtype: random.pick(['float32', 'float32', 'int32']) });
    const k = random.int(1, x.shape[1]!);
    return { name: `k = ${k}`, x, run: (t) => [tf.topk(t, k).values, tf.topk(t, k).indices] };
  },
};

export const shapes: Family = (random) => {
  const op = random.pick(Object.keys(cases));
  const { name, x, run } = cases[op]!(random);
  return { name: `${op} [${x.shape}] ${name}`, run: () => run(x()) };
};
