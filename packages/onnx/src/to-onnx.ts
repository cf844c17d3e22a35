import type { LayersModel } from '@tensorflow/tfjs-layers';
import { OnnxError } from './error.ts';
import { foldBatchNorm } from './fold-batch-norm.ts';
import { graphBuilder } from './graph.ts';
import { encodeOnnx } from './onnx-file.ts';
import { inLayout } from './value.ts';
import type { Layout } from './value.ts';
import { knownSizes, writeModel } from './write-model.ts';

export interface OnnxOptions {
  /** What the graph calls what it reads. */
  readonly input?: string;
  /** What the graph calls what it answers. */
  readonly output?: string;
  /** Texts for whoever reads the file: a mean, a standard deviation, where it is from. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes a tfjs-layers model as an ONNX file (operators of version 17, for onnxruntime from 1.12 on), as it is in inference:
 * running statistics, no dropout. Images are `[batch, channels, height, width]` in the file, as PyTorch has them, for any batch; a map that
 * comes out is, too. Their size is the one that the model was built for.
 *
 * Batch normalisation becomes part of the convolution before it, where there is one. Values agree with the model's to single precision.
 *
 * @throws OnnxError `unsupported-layer` naming the first layer that has no counterpart; `unsupported-model` for several inputs or outputs, or
 * an unknown image size; `model-too-large` beyond 2 GiB
 * @see https://github.com/onnx/onnx/blob/main/docs/Operators.md
 */
export async function toOnnx(model: LayersModel, options: OnnxOptions = {}): Promise<Uint8Array> {
  const { input = 'images', output = 'features', metadata = {} } = options;
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw new OnnxError('unsupported-model', `${model.name} has ${model.inputs.length} inputs and ${model.outputs.length} outputs; give a model with one of each.`);
  }
  const graph = graphBuilder();
  const read = imageFirst(knownSizes(model.inputs[0]!.shape, model.name));
  const [answer] = await writeModel(graph, model, [{ shape: read.shape, [read.layout]: input }]);
  const written = imageFirst(answer!.shape);
  const last = inLayout(graph, answer!, written.layout);
  const made = last === input ? graph.add(model.name, 'Identity', [last]) : last;
  const named = (name: string): string => (name === made ? output : name);
  const nodes = graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(named), outputs: node.outputs.map(named) }));
  return encodeOnnx(
    {
      name: model.name,
      nodes: foldBatchNorm({ nodes, constants: graph.constants }, output),
      constants: graph.constants,
      input: { name: input, dims: read.dims },
      output: { name: output, dims: written.dims },
    },
    metadata,
  );
}

/** How what has this shape lies in the file. */
function imageFirst(shape: readonly number[]): { readonly shape: readonly number[]; readonly layout: Layout; readonly dims: readonly number[] } {
  if (shape.length !== 3) return { shape, layout: 'last', dims: shape };
  return { shape, layout: 'first', dims: [shape[2]!, shape[0]!, shape[1]!] };
}
