import { initializers, layers } from '@tensorflow/tfjs-layers';
import { layerSeed } from './seed.ts';
import { positiveInteger } from './shapes.ts';

export interface LinearOptions {
  /** Features coming in; the spread of the initial weights depends on it. */
  readonly inputs: number;
  /** Features going out. */
  readonly units: number;
  readonly bias?: boolean;
  /**
   * `torch`: weights and bias from U(−1/√inputs, 1/√inputs), as torch.nn.Linear starts.
   * `lecun`: weights from N(0, 1/inputs) cut at two standard deviations, bias 0, as hk.Linear starts.
   */
  readonly init?: 'torch' | 'lecun';
  /** Draws the weights. */
  readonly seed: number;
  readonly name?: string;
}

/**
 * A fully connected layer `[batch, inputs]` → `[batch, units]`: y = x·W + b.
 *
 * It is an ordinary `tf.layers.dense` with the initial weights of the framework that a paper used.
 *
 * @throws LayersError `invalid-option` for sizes that are not whole numbers
 */
export function linear(options: LinearOptions): layers.Layer {
  const { inputs, units, bias = true, init = 'torch', seed, name } = options;
  positiveInteger(inputs, 'inputs', 'linear');
  positiveInteger(units, 'units', 'linear');
  const bound = 1 / Math.sqrt(inputs);
  const uniform = (part: string): ReturnType<typeof initializers.randomUniform> =>
    initializers.randomUniform({ minval: -bound, maxval: bound, seed: layerSeed(seed, part) });
  return layers.dense({
    units,
    useBias: bias,
    kernelInitializer: init === 'torch' ? uniform('kernel') : initializers.leCunNormal({ seed: layerSeed(seed, 'kernel') }),
    biasInitializer: init === 'torch' ? uniform('bias') : 'zeros',
    ...(name === undefined ? {} : { name }),
  });
}
