import { zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { add, answer, constantOf, only } from '../emit.ts';
import type { Emit } from '../emit.ts';
import { inLayout } from '../value.ts';

/** `[batch, height, width, dim]` → `[batch, height·width, dim]` */
export const flattenTokens: Emit = (call) => {
  const rows = call.graph.integers(`${call.layer.name}.shape`, [0, -1, call.shape[1]!]);
  return answer(call, 'last', add(call, 'Reshape', [only(call, 'last'), rows]));
};

/** A row of zeros before the tokens, to which the learnt one is added: that takes no shape at run time. */
export const classToken: Emit = (call) => {
  const { graph, layer, weights, shape } = call;
  const before = graph.integers(`${layer.name}.pads`, [0, 1, 0, 0, 0, 0]);
  const [tokens = 1, dim = 1] = shape;
  const table = new Float32Array(tokens * dim);
  table.set(weights.get('token')!.data);
  return answer(call, 'last', add(call, 'Add', [add(call, 'Pad', [only(call, 'last'), before]), graph.floats(`${layer.name}.token`, table, [1, tokens, dim])]));
};

/** The positions of this grid: what the layer adds to tokens of zeros. */
export const positionEmbedding: Emit = async (call) => {
  const { graph, layer, inputs, shape } = call;
  const nothing = inputs.map((value) => zeros([1, ...value.shape]));
  const added = layer.apply(nothing) as Tensor;
  const positions = graph.floats(`${layer.name}.positions`, (await added.data()) as Float32Array, [1, ...shape]);
  for (const each of [...nothing, added]) each.dispose();
  return answer(call, 'last', add(call, 'Add', [inLayout(graph, inputs[0]!, 'last'), positions]));
};

/** The class token, or the mean of all tokens after the first `skip`. */
export const poolTokens: Emit = (call) => {
  const { graph, layer, config } = call;
  const [x, skip] = [only(call, 'last'), Number(config['skip'] ?? 0)];
  if (config['by'] === 'class-token') return answer(call, 'last', add(call, 'Gather', [x, graph.integers(`${layer.name}.first`, [0], [])], { axis: 1 }));
  const one = (name: string, value: number): string => graph.integers(`${layer.name}.${name}`, [value]);
  const patches = skip === 0 ? x : add(call, 'Slice', [x, one('from', skip), one('to', call.inputs[0]!.shape[0]!), one('axis', 1)]);
  return answer(call, 'last', add(call, 'ReduceMean', [patches], { axes: [1], keepdims: 0 }));
};

/** softmax(q·kᵀ/√(dim/heads))·v for each head, then a linear layer over the heads side by side. */
export const multiHeadAttention: Emit = (call) => {
  const { graph, layer, config, weights, shape } = call;
  const [heads, dim] = [Number(config['heads']), shape[1]!];
  const biased = (x: string, bias: string): string => (weights.has(bias) ? add(call, 'Add', [x, constantOf(call, bias)]) : x);
  const qkv = biased(add(call, 'MatMul', [only(call, 'last'), constantOf(call, 'qkv_kernel')]), 'qkv_bias');
  const perHead = graph.integers(`${layer.name}.heads`, [0, 0, heads, dim / heads]);
  const split = graph.addMany(layer.name, 'Split', [qkv], 3, { axis: -1 });
  const [q, k, v] = split.map((part, i) => add(call, 'Transpose', [add(call, 'Reshape', [part, perHead])], { perm: i === 1 ? [0, 2, 3, 1] : [0, 2, 1, 3] }));
  const scaled = add(call, 'Mul', [q!, graph.floats(`${layer.name}.scale`, [Math.sqrt(heads / dim)], [])]);
  const attention = add(call, 'Softmax', [add(call, 'MatMul', [scaled, k!])], { axis: -1 });
  const mixed = add(call, 'Transpose', [add(call, 'MatMul', [attention, v!])], { perm: [0, 2, 1, 3] });
  const joined = add(call, 'Reshape', [mixed, graph.integers(`${layer.name}.joined`, [0, 0, dim])]);
  return answer(call, 'last', biased(add(call, 'MatMul', [joined, constantOf(call, 'out_kernel')]), 'out_bias'));
};
