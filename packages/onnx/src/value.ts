import type { GraphBuilder } from './graph.ts';

/** What a layer answers: one tensor. An image is there in the order of ONNX, in that of TensorFlow.js, or in both. */
export interface Value {
  /** As TensorFlow.js has it, without the batch: `[height, width, channels]`, `[tokens, dim]`, `[dim]`. */
  readonly shape: readonly number[];
  /** The name of `[batch, channels, height, width]`. */
  first?: string;
  /** The name of `[batch, ..shape]`. */
  last?: string;
}

export type Layout = 'first' | 'last';

/** The name of a value in a layout, turned if it is not there; what is no image has one layout. */
export function inLayout(graph: GraphBuilder, value: Value, layout: Layout): string {
  if (value.shape.length !== 3) return value.last!;
  const [known, perm] = layout === 'first' ? [value.last!, [0, 3, 1, 2]] : [value.first!, [0, 2, 3, 1]];
  return (value[layout] ??= graph.add(known, 'Transpose', [known], { perm }));
}

/** A layout that costs the fewest turns for an operation on each value alone. */
export function commonLayout(values: readonly Value[]): Layout {
  if (values.every(({ shape }) => shape.length !== 3)) return 'last';
  return values.every(({ last }) => last !== undefined) && values.some(({ first }) => first === undefined) ? 'last' : 'first';
}
