import type { layers } from '@tensorflow/tfjs-layers';
import { OnnxError } from './error.ts';
import type { GraphBuilder } from './graph.ts';
import { inLayout } from './value.ts';
import type { Layout, Value } from './value.ts';

/** A weight of a layer, by the last part of its name. */
export interface Weight {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** One call of a layer, to be written as operations. */
export interface Call {
  readonly graph: GraphBuilder;
  readonly layer: layers.Layer;
  readonly config: Readonly<Record<string, unknown>>;
  readonly weights: ReadonlyMap<string, Weight>;
  readonly inputs: readonly Value[];
  /** Of the answer, without the batch. */
  readonly shape: readonly number[];
}

/** Writes a call as operations, and answers what comes out. */
export type Emit = (call: Call) => Value | Promise<Value>;

/** The only input of a call, by name. */
export function only({ graph, inputs }: Call, layout: Layout): string {
  return inLayout(graph, inputs[0]!, layout);
}

/** An answer in one layout. */
export function answer({ shape }: Call, layout: Layout, name: string): Value {
  return { shape, [shape.length === 3 ? layout : 'last']: name };
}

/** Adds an operation named after the layer. */
export function add({ graph, layer }: Call, ...rest: Parameters<GraphBuilder['add']> extends [string, ...infer R] ? R : never): string {
  return graph.add(layer.name, ...rest);
}

/** A weight of the layer as a constant of the graph. */
export function constantOf({ graph, layer, weights }: Call, weight: string): string {
  const { data, shape } = weights.get(weight)!;
  return graph.floats(`${layer.name}.${weight}`, data, shape);
}

/** @throws OnnxError `unsupported-layer` for a setting that has no counterpart here */
export function refuseSetting({ layer, config }: Call, setting: string): never {
  throw new OnnxError(
    'unsupported-layer',
    `The layer "${layer.name}" (${layer.getClassName()}) cannot be written as ONNX with ${setting} ${JSON.stringify(config[setting])}; build the network without it.`,
  );
}
