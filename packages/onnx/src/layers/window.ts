import { refuseSetting } from '../emit.ts';
import type { Call } from '../emit.ts';

type Pair = readonly [height: number, width: number];

/** A size that tfjs-layers keeps as a number or a pair. */
export function pairOf(value: unknown, otherwise: number): Pair {
  const given = value ?? otherwise;
  return Array.isArray(given) ? [given[0] as number, given.at(-1) as number] : [given as number, given as number];
}

/** @throws OnnxError `unsupported-layer` */
export function channelsLastOnly(call: Call): void {
  if ((call.config['dataFormat'] ?? 'channelsLast') !== 'channelsLast') refuseSetting(call, 'dataFormat');
}

/** Kernel, strides and padding: of this project's layers a number of pixels, of TensorFlow.js 'valid', or 'same' with the odd pixel after the image. */
export function windowOf(call: Call, kernel: Pair, strides: Pair, dilations: Pair = [1, 1]): { kernel_shape: Pair; strides: Pair; pads: readonly number[] } {
  const padding = call.config['padding'] ?? 'valid';
  const { shape } = call.inputs[0]!;
  const around = ([0, 1] as const).map((axis) => {
    if (typeof padding === 'number') return [padding, padding] as const;
    if (padding !== 'same') return [0, 0] as const;
    const missing = (Math.ceil(shape[axis]! / strides[axis]) - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 - shape[axis]!;
    return [Math.floor(Math.max(0, missing) / 2), Math.ceil(Math.max(0, missing) / 2)] as const;
  });
  if (typeof padding !== 'number' && padding !== 'same' && padding !== 'valid') refuseSetting(call, 'padding');
  return { kernel_shape: kernel, strides, pads: [around[0]![0], around[1]![0], around[0]![1], around[1]![1]] };
}
