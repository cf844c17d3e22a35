import { add, answer, constantOf, only } from '../emit.ts';
import type { Emit } from '../emit.ts';
import { commonLayout, inLayout } from '../value.ts';
import { activated } from './activation.ts';

/** Inference leaves x as it is. */
export const identity: Emit = ({ inputs }) => inputs[0]!;

export const sum: Emit = (call) => {
  const layout = commonLayout(call.inputs);
  const [first, ...others] = call.inputs.map((value) => inLayout(call.graph, value, layout));
  return answer(call, layout, others.reduce((total, each) => add(call, 'Add', [total, each]), first!));
};

/** x·W + b over the last axis. */
export const dense: Emit = (call) => {
  const product = add(call, 'MatMul', [only(call, 'last'), constantOf(call, 'kernel')]);
  const y = call.weights.has('bias') ? add(call, 'Add', [product, constantOf(call, 'bias')]) : product;
  return activated(call, answer(call, 'last', y));
};

/** In the order of TensorFlow.js: `[height, width, channels]`. */
export const flatten: Emit = (call) => answer(call, 'last', add(call, 'Flatten', [only(call, 'last')], { axis: 1 }));
