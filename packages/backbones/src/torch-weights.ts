import { transpose } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { BackbonesError } from './error.ts';

type LayerVariable = LayersModel['weights'][number];

/** One weight of a model, and what PyTorch calls it and how PyTorch lays it out. */
export interface TorchWeight {
  /** The name in a `state_dict`: `layer1.0.conv1.weight`. */
  readonly name: string;
  /** The shape there: `[out, in, height, width]` for the kernel of a convolution. */
  readonly shape: readonly number[];
  /** The weight here: `[height, width, in, out]` for the same kernel. */
  readonly variable: LayerVariable;
  /** A value or gradient of this weight, from this library's layout to PyTorch's. */
  readonly toTorch: (value: Tensor) => Tensor;
  /** The other way round. */
  readonly fromTorch: (value: Tensor) => Tensor;
}

/** What PyTorch calls a layer's weight, after the layer's own name. */
const suffixes: Readonly<Record<string, string>> = {
  kernel: '.weight',
  depthwise_kernel: '.weight',
  bias: '.bias',
  gamma: '.weight',
  beta: '.bias',
  moving_mean: '.running_mean',
  moving_variance: '.running_var',
};

/** Where each axis of PyTorch's layout is found in ours; kernels alone differ. */
function axesOf(kind: string, rank: number): readonly number[] | undefined {
  if (kind === 'depthwise_kernel') return [2, 3, 0, 1];
  if (kind !== 'kernel') return undefined;
  return rank === 4 ? [3, 2, 0, 1] : [1, 0];
}

/**
 * Every weight of a model under the name and in the layout that torchvision gives it, in the order of the model's layers.
 *
 * The layers of this package's networks are called what torchvision calls its modules, so a name is the layer's, then what
 * PyTorch calls that weight: `layer1.0.bn1` has `.weight` (γ), `.bias` (β), `.running_mean` and `.running_var`. Models of
 * your own answer names by the same rule. PyTorch's `num_batches_tracked` has no counterpart, nor have classifiers (`fc`).
 *
 * @throws BackbonesError `unknown-weight` for a layer that keeps other weights than these
 */
export function torchWeights(model: LayersModel): readonly TorchWeight[] {
  return model.weights.map((variable) => {
    const { originalName } = variable;
    const slash = originalName.lastIndexOf('/');
    const kind = originalName.slice(slash + 1);
    const suffix = suffixes[kind];
    if (suffix === undefined || slash < 0) {
      throw new BackbonesError(
        'unknown-weight',
        `${model.name} has a weight "${originalName}", for which there is no PyTorch name; known are ${Object.keys(suffixes).join(', ')}.`,
      );
    }
    const shape = variable.shape as number[];
    const axes = axesOf(kind, shape.length);
    return {
      name: originalName.slice(0, slash) + suffix,
      shape: axes ? axes.map((axis) => shape[axis]!) : shape,
      variable,
      toTorch: (value) => (axes ? transpose(value, [...axes]) : value.clone()),
      fromTorch: (value) => (axes ? transpose(value, axes.map((_, axis) => axes.indexOf(axis))) : value.clone()),
    };
  });
}
