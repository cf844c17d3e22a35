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
