import { LayersModel } from '@tensorflow/tfjs-layers';
import type { SymbolicTensor, layers } from '@tensorflow/tfjs-layers';
import type { Call, Weight } from './emit.ts';
import { OnnxError } from './error.ts';
import type { GraphBuilder } from './graph.ts';
import { emitters } from './layers/index.ts';
import type { Value } from './value.ts';

type Shape = readonly (number | null)[];

/**
 * Writes the layers of a model as operations, each after those that it reads, and answers what the model does.
 *
 * @param inputs what the model reads
 * @throws OnnxError `unsupported-layer`, `unsupported-model`
 */
export async function writeModel(graph: GraphBuilder, model: LayersModel, inputs: readonly Value[]): Promise<readonly Value[]> {
  const values = new Map(model.inputs.map(({ id }, i) => [id, inputs[i]!]));
  const valueOf = async (tensor: SymbolicTensor): Promise<Value> => {
    const { sourceLayer, nodeIndex } = tensor;
    if (!values.has(tensor.id)) {
      const node = sourceLayer.inboundNodes[nodeIndex]!;
      const read: Value[] = [];
      for (const each of node.inputTensors) read.push(await valueOf(each));
      const answers = await writeLayer(graph, sourceLayer, read, node.outputTensors[0]!.shape);
      for (const [i, { id }] of node.outputTensors.entries()) values.set(id, answers[i]!);
    }
    return values.get(tensor.id)!;
  };
  const outputs: Value[] = [];
  for (const output of model.outputs) outputs.push(await valueOf(output));
  return outputs;
}

async function writeLayer(graph: GraphBuilder, layer: layers.Layer, inputs: readonly Value[], shape: Shape): Promise<readonly Value[]> {
  if (layer instanceof LayersModel) return writeModel(graph, layer, inputs);
  const kind = layer.getClassName();
  const emit = Object.hasOwn(emitters, kind) ? emitters[kind] : undefined;
  if (!emit) {
    throw new OnnxError(
      'unsupported-layer',
      `The layer "${layer.name}" is a ${kind}, which cannot be written as ONNX; build the network from ${Object.keys(emitters).join(', ')}.`,
    );
  }
  const call: Call = { graph, layer, config: layer.getConfig(), weights: await weightsOf(layer), inputs, shape: knownSizes(shape, layer.name) };
  return [await emit(call)];
}

/** Sizes without the batch. */
export function knownSizes([, ...sizes]: Shape, of: string): readonly number[] {
  if (sizes.every((size) => size !== null)) return sizes;
  throw new OnnxError('unsupported-model', `"${of}" has the shape [${['batch', ...sizes.map((size) => size ?? '?')].join(', ')}]; build the network for images of one size.`);
}

/** Copies, by the last part of their names. */
async function weightsOf({ weights }: layers.Layer): Promise<ReadonlyMap<string, Weight>> {
  const copies = new Map<string, Weight>();
  for (const variable of weights) {
    const { originalName, shape } = variable;
    copies.set(originalName.slice(originalName.lastIndexOf('/') + 1), { shape: shape as number[], data: Float32Array.from(await variable.read().data()) });
  }
  return copies;
}
