import { reshape, transpose } from '@tensorflow/tfjs-core';
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

/** How PyTorch keeps a kind of weight. */
interface Counterpart {
  /** What follows the layer's name; a bare parameter (`class_token`) is called as its layer. */
  readonly suffix: string;
  /** Where each axis of its layout is found in ours. */
  readonly axes?: readonly number[];
}

const counterparts: Readonly<Record<string, Counterpart>> = {
  depthwise_kernel: { suffix: '.weight', axes: [2, 3, 0, 1] },
  bias: { suffix: '.bias' },
  gamma: { suffix: '.weight' },
  beta: { suffix: '.bias' },
  moving_mean: { suffix: '.running_mean' },
  moving_variance: { suffix: '.running_var' },
  qkv_kernel: { suffix: '.in_proj_weight', axes: [1, 0] },
  qkv_bias: { suffix: '.in_proj_bias' },
  out_kernel: { suffix: '.out_proj.weight', axes: [1, 0] },
  out_bias: { suffix: '.out_proj.bias' },
  token: { suffix: '' },
  positions: { suffix: '' },
  scale: { suffix: '' },
};
/** By rank: fully connected layers and convolutions call theirs the same. */
const kernels: Readonly<Record<number, Counterpart>> = {
  2: { suffix: '.weight', axes: [1, 0] },
  4: { suffix: '.weight', axes: [3, 2, 0, 1] },
};
/** The count of `dropPath`, which PyTorch has no use for. */
const uncounted = 'calls';

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
  return model.weights.filter(({ originalName }) => kindOf(originalName) !== uncounted).map((variable) => {
    const { originalName } = variable;
    const kind = kindOf(originalName);
    const shape = variable.shape as number[];
    const found = kind === 'kernel' ? kernels[shape.length] : counterparts[kind];
    const layer = originalName.slice(0, -kind.length - 1);
    if (found === undefined || layer === '') {
      throw new BackbonesError(
        'unknown-weight',
        `${model.name} has a weight "${originalName}" of rank ${shape.length}, for which there is no PyTorch name; known are kernel, ${Object.keys(counterparts).join(', ')}.`,
      );
    }
    const { suffix, axes } = found;
    // torchvision keeps the factors of a layer scale ready for [batch, channels, height, width].
    const theirs = kind === 'scale' ? [...shape, 1, 1] : (axes?.map((axis) => shape[axis]!) ?? shape);
    const turn = (value: Tensor, order: readonly number[] | undefined, to: readonly number[]): Tensor =>
      order ? transpose(value, [...order]) : reshape(value, [...to]);
    return {
      name: layer + suffix,
      shape: theirs,
      variable,
      toTorch: (value) => turn(value, axes, theirs),
      fromTorch: (value) => turn(value, axes?.map((_, axis) => axes.indexOf(axis)), shape),
    };
  });
}

/** `kernel` of `layer1.0.conv1/kernel`. */
function kindOf(originalName: string): string {
  return originalName.slice(originalName.lastIndexOf('/') + 1);
}
