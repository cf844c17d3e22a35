import { add, answer, only, refuseSetting } from '../emit.ts';
import type { Call, Emit, Weight } from '../emit.ts';
import { transposed } from '../transposed.ts';
import { activated } from './activation.ts';
import { channelsLastOnly, pairOf, windowOf } from './window.ts';

/** Kernels `[height, width, in, out]` become `[out, in, height, width]`. */
export const convolution: Emit = (call) => convolve(call, call.weights.get('kernel')!, [3, 2, 0, 1], 1);

/** Kernels `[height, width, channels, multiplier]` become `[channels·multiplier, 1, height, width]`. */
export const depthwiseConvolution: Emit = (call) => {
  const kernel = call.weights.get('depthwise_kernel')!;
  return convolve(call, kernel, [2, 3, 0, 1], kernel.shape[2]!);
};

/** The same with (kernelSize − 1)/2 pixels on each side, which that layer always has. */
export const centredDepthwiseConvolution: Emit = (call) => {
  const padding = (Number(call.config['kernelSize']) - 1) / 2;
  return depthwiseConvolution({ ...call, config: { ...call.config, padding } });
};

function convolve(call: Call, kernel: Weight, axes: readonly number[], group: number): ReturnType<Emit> {
  const { graph, layer, weights, config } = call;
  channelsLastOnly(call);
  if (call.inputs[0]!.shape.length !== 3) refuseSetting(call, 'inputSpec');
  const [height = 1, width = 1] = kernel.shape;
  const dims = group === 1 ? axes.map((axis) => kernel.shape[axis]!) : [kernel.shape[2]! * kernel.shape[3]!, 1, height, width];
  const dilations = pairOf(config['dilationRate'], 1);
  const inputs = [only(call, 'first'), graph.floats(`${layer.name}.weight`, transposed(kernel.data, kernel.shape, axes), dims)];
  const bias = weights.get('bias');
  if (bias) inputs.push(graph.floats(`${layer.name}.bias`, bias.data));
  const y = add(call, 'Conv', inputs, { ...windowOf(call, [height, width], pairOf(config['strides'], 1), dilations), dilations, group });
  return activated(call, answer(call, 'first', y));
}
