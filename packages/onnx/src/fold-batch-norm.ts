import type { Constant, GraphBuilder, Node } from './graph.ts';

/**
 * Joins each batch normalisation with the convolution before it, where nothing else reads what that answers:
 * W′ = W·s and b′ = (b − μ)·s + β with s = γ/√(σ²+ε), computed in double precision.
 *
 * @param output the name of the graph's output
 * @returns the operations that are left
 */
export function foldBatchNorm({ nodes, constants }: Pick<GraphBuilder, 'nodes' | 'constants'>, output: string): readonly Node[] {
  const readers = new Map<string, number>([[output, 1]]);
  for (const { inputs } of nodes) for (const input of inputs) readers.set(input, (readers.get(input) ?? 0) + 1);
  const convolutions = new Map(nodes.filter(({ op }) => op === 'Conv').map((node) => [node.outputs[0]!, node]));
  return nodes.filter((node) => {
    const [x = ''] = node.inputs;
    const convolution = convolutions.get(x);
    if (node.op !== 'BatchNormalization' || !convolution || readers.get(x) !== 1) return true;
    join(convolution, node, constants);
    return false;
  });
}

function join(convolution: Node, normalization: Node, constants: Map<string, Constant>): void {
  const [image, weight = '', bias] = convolution.inputs;
  const [, ...parameters] = normalization.inputs;
  const [gamma, beta, mean, variance] = parameters.map((name) => valuesOf(constants, name)) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const { float: epsilon } = normalization.attributes['epsilon'] as { readonly float: number };
  const scales = Array.from(gamma, (factor, channel) => factor / Math.sqrt(variance[channel]! + epsilon));
  const before = bias === undefined ? undefined : valuesOf(constants, bias);
  const kernel = valuesOf(constants, weight);
  const each = kernel.length / scales.length;
  constants.set(weight, { ...constants.get(weight)!, data: kernel.map((value, i) => value * scales[Math.floor(i / each)]!) });
  const shift = parameters[1]!;
  constants.set(shift, { dims: [scales.length], data: beta.map((value, channel) => ((before?.[channel] ?? 0) - mean[channel]!) * scales[channel]! + value) });
  for (const gone of [bias, parameters[0], parameters[2], parameters[3]]) if (gone !== undefined) constants.delete(gone);
  convolution.inputs = [image!, weight, shift];
  convolution.outputs = normalization.outputs;
}

function valuesOf(constants: ReadonlyMap<string, Constant>, name: string): Float32Array {
  return constants.get(name)!.data as Float32Array;
}
