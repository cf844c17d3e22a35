import { tensor4d } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { add, answer, only } from '../emit.ts';
import type { Emit } from '../emit.ts';
import { channelsLastOnly, pairOf, windowOf } from './window.ts';

const slidingBy = (op: string): Emit => (call) => {
  channelsLastOnly(call);
  const size = pairOf(call.config['size'] ?? call.config['poolSize'], 2);
  const strides = call.config['strides'] == null ? size : pairOf(call.config['strides'], 1);
  return answer(call, 'first', add(call, op, [only(call, 'first')], windowOf(call, size, strides)));
};

export const maxPooling: Emit = slidingBy('MaxPool');
/** Padding does not count. */
export const averagePooling: Emit = slidingBy('AveragePool');

const globalBy = (op: string): Emit => (call) => {
  channelsLastOnly(call);
  return answer(call, 'last', add(call, 'Flatten', [add(call, op, [only(call, 'first')])], { axis: 1 }));
};

export const globalAveragePooling: Emit = globalBy('GlobalAveragePool');
export const globalMaxPooling: Emit = globalBy('GlobalMaxPool');

/** A product with what each pixel counts in each cell: what the layer answers to one channel for each pixel. */
export const adaptiveAveragePooling: Emit = async (call) => {
  const { graph, layer, inputs, shape } = call;
  const [height = 1, width = 1, channels = 1] = inputs[0]!.shape;
  const pixels = height * width;
  const cells = shape[0]! / channels;
  const every = tensor4d(Float32Array.from({ length: pixels ** 2 }, (_, i) => Number(i % (pixels + 1) === 0)), [1, height, width, pixels]);
  const counts = layer.apply(every) as Tensor;
  const weights = graph.floats(`${layer.name}.cells`, (await counts.data()) as Float32Array, [cells, pixels]);
  for (const each of [every, counts]) each.dispose();
  const rows = add(call, 'Reshape', [only(call, 'last'), graph.integers(`${layer.name}.pixels`, [0, pixels, channels])]);
  return answer(call, 'last', add(call, 'Flatten', [add(call, 'MatMul', [weights, rows])], { axis: 1 }));
};
