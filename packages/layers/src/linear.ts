import { layers } from '@tensorflow/tfjs-layers';
import { biasInitializer, checkedInit, kernelInitializer } from './initial-weights.ts';
import type { KernelInit } from './initial-weights.ts';
import { positiveInteger } from './shapes.ts';

export interface LinearOptions {
  /** Features coming in; the spread of the initial weights depends on it. */
  readonly inputs: number;
  /** Features going out. */
  readonly units: number;
  readonly bias?: boolean;
  /** How the weights start; see {@link KernelInit}. The bias starts at 0, but for `torch`, as torch.nn.Linear. */
  readonly init?: KernelInit;
  /** Draws the weights. */
  readonly seed: number;
  readonly name?: string;
}

/**
 * A fully connected layer `[batch, .., inputs]` → `[batch, .., units]`: y = x·W + b.
 *
 * It is an ordinary `tf.layers.dense` with the initial weights of the framework that a paper used.
 *
 * @throws LayersError `invalid-option` for sizes that are not whole numbers
 */
export function linear(options: LinearOptions): layers.Layer {
  const { inputs, units, bias = true, init = 'torch', seed, name } = options;
  positiveInteger(inputs, 'inputs', 'linear');
  positiveInteger(units, 'units', 'linear');
  return layers.dense({
    units,
    useBias: bias,
    kernelInitializer: kernelInitializer(checkedInit(init, 'linear'), { in: inputs, out: units }, seed),
    biasInitializer: biasInitializer(init, inputs, seed),
    ...(name === undefined ? {} : { name }),
  });
}
