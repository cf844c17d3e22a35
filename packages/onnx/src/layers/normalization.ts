import { add, answer, constantOf, only, refuseSetting } from '../emit.ts';
import type { Call, Emit } from '../emit.ts';
import { inLayout } from '../value.ts';

/** With the running statistics; `foldBatchNorm` joins it with a convolution before it. A second input is added before relu. */
export const batchNormalization: Emit = (call) => {
  const { graph, inputs, config, shape } = call;
  const axis = config['axis'] ?? -1;
  if (axis !== -1 && axis !== shape.length) refuseSetting(call, 'axis');
  const channels = call.weights.get('moving_mean')!.shape[0]!;
  const [gamma, beta] = [orFilled(call, 'gamma', channels, 1), orFilled(call, 'beta', channels, 0)];
  const statistics = [constantOf(call, 'moving_mean'), constantOf(call, 'moving_variance')];
  let y = add(call, 'BatchNormalization', [only(call, 'first'), gamma, beta, ...statistics], { epsilon: { float: Number(config['epsilon']) } });
  if (inputs[1]) y = add(call, 'Add', [y, inLayout(graph, inputs[1], 'first')]);
  if (config['relu'] === true) y = add(call, 'Relu', [y]);
  return answer(call, 'first', y);
};

export const layerNormalization: Emit = (call) => {
  const dim = call.shape.at(-1)!;
  const affine = [orFilled(call, 'gamma', dim, 1), orFilled(call, 'beta', dim, 0)];
  const y = add(call, 'LayerNormalization', [only(call, 'last'), ...affine], { axis: -1, epsilon: { float: Number(call.config['epsilon']) } });
  return answer(call, 'last', y);
};

export const layerScale: Emit = (call) => answer(call, 'last', add(call, 'Mul', [only(call, 'last'), constantOf(call, 'scale')]));

function orFilled(call: Call, weight: string, size: number, value: number): string {
  if (call.weights.has(weight)) return constantOf(call, weight);
  return call.graph.floats(`${call.layer.name}.${weight}`, new Float32Array(size).fill(value));
}
