import { add, answer, refuseSetting } from '../emit.ts';
import type { Call, Emit } from '../emit.ts';
import { commonLayout, inLayout } from '../value.ts';
import type { Value } from '../value.ts';

/** An operation on each value alone. */
type Elementwise = (call: Call, x: string) => string;

const scalar = (call: Call, name: string, value: number): string => call.graph.floats(`${call.layer.name}.${name}`, [value], []);

const relu: Elementwise = (call, x) => add(call, 'Relu', [x]);
const relu6: Elementwise = (call, x) => add(call, 'Clip', [x, scalar(call, 'least', 0), scalar(call, 'most', 6)]);

/** x·(1 + erf(x/√2))/2, as runtimes know it. */
const gelu: Elementwise = (call, x) => {
  const bent = add(call, 'Erf', [add(call, 'Div', [x, scalar(call, 'root', Math.SQRT2)])]);
  return halfOf(call, x, bent);
};

/** x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2 */
const geluTanh: Elementwise = (call, x) => {
  const cube = add(call, 'Mul', [add(call, 'Mul', [x, x]), x]);
  const inner = add(call, 'Add', [x, add(call, 'Mul', [cube, scalar(call, 'cubic', 0.044715)])]);
  return halfOf(call, x, add(call, 'Tanh', [add(call, 'Mul', [inner, scalar(call, 'root', Math.sqrt(2 / Math.PI))])]));
};

/** x·(1 + gate)/2 */
function halfOf(call: Call, x: string, gate: string): string {
  const product = add(call, 'Mul', [x, add(call, 'Add', [gate, scalar(call, 'one', 1)])]);
  return add(call, 'Mul', [product, scalar(call, 'half', 0.5)]);
}

/** By the name that tfjs-layers gives them. */
const activations: Readonly<Record<string, Elementwise>> = {
  linear: (_, x) => x,
  relu,
  relu6,
  sigmoid: (call, x) => add(call, 'Sigmoid', [x]),
  tanh: (call, x) => add(call, 'Tanh', [x]),
};

/** What the activation in a layer's own settings makes of its answer. */
export function activated(call: Call, value: Value): Value {
  const { activation = 'linear' } = call.config;
  const found = typeof activation === 'string' && Object.hasOwn(activations, activation) ? activations[activation] : undefined;
  return found ? elementwise(call, value, found) : refuseSetting(call, 'activation');
}

function elementwise(call: Call, value: Value, operation: Elementwise): Value {
  const layout = commonLayout([value]);
  return answer({ ...call, shape: value.shape }, layout, operation(call, inLayout(call.graph, value, layout)));
}

const layerOf = (operation: Elementwise): Emit => (call) => elementwise(call, call.inputs[0]!, operation);

export const activationLayer: Emit = (call) => activated(call, call.inputs[0]!);
export const relu6Layer: Emit = layerOf(relu6);
export const geluLayer: Emit = (call) => elementwise(call, call.inputs[0]!, call.config['approximate'] === true ? geluTanh : gelu);
export const reluLayer: Emit = (call) => {
  if (call.config['maxValue'] == null) return elementwise(call, call.inputs[0]!, relu);
  return elementwise(call, call.inputs[0]!, (own, x) => add(own, 'Clip', [x, scalar(own, 'least', 0), scalar(own, 'most', Number(call.config['maxValue']))]));
};
