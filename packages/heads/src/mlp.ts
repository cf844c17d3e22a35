import { batchNorm, layerSeed, linear } from '@selfsup/layers';
import type { NetSpec } from '@selfsup/layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { input as inputLayer, layers as tfLayers, model } from '@tensorflow/tfjs-layers';
import { HeadsError } from './error.ts';

/** One fully connected layer of a head and what follows it. */
export interface MlpLayer {
  readonly units: number;
  /** Default: only where no normalisation follows, since normalisation takes a bias away again. */
  readonly bias?: boolean;
  /** Batch normalisation after the layer; `plain` learns no γ and β (PyTorch's `affine=False`). */
  readonly norm?: 'affine' | 'plain';
  readonly relu?: boolean;
}

export interface MlpOptions {
  /** Short name for logs and model cards. */
  readonly name?: string;
  /** First to last. */
  readonly layers: readonly MlpLayer[];
  /** How torch.nn.Linear or hk.Linear starts; see `linear` of `@selfsup/layers`. */
  readonly init?: 'torch' | 'lecun';
}

/**
 * A head `[dim]` → `[units of the last layer]` from a list of its layers.
 *
 * Batch normalisation has momentum 0.9 and ε 1e-5, as all the papers' code has.
 *
 * @throws HeadsError `invalid-option`; `shape-mismatch` from `build`
 */
export function mlp(options: MlpOptions): NetSpec {
  const { name = 'mlp', layers, init = 'torch' } = options;
  const wrong = layers.findIndex(({ units }) => !Number.isInteger(units) || units < 1);
  if (layers.length === 0 || wrong >= 0) {
    throw new HeadsError(
      'invalid-option',
      layers.length === 0
        ? `${name} was given no layers; give at least one { units }.`
        : `${name}: layer ${wrong} has ${String(layers[wrong]?.units)} units; units takes a whole number of at least 1.`,
    );
  }
  return {
    name,
    build: (inputShape, seed) => {
      const [dim = 0] = inputShape;
      if (inputShape.length !== 1 || dim < 1) {
        throw new HeadsError('shape-mismatch', `${name} was given [${inputShape.join(', ')}]; it takes [dim], the pooled features of an encoder.`);
      }
      const features = inputLayer({ shape: [dim], name: 'features' });
      let x: SymbolicTensor = features;
      for (const [index, { units, norm, relu = false, bias = norm === undefined }] of layers.entries()) {
        const own = `linear${index + 1}`;
        const dense = linear({ name: own, inputs: x.shape[1]!, units, bias, init, seed: layerSeed(seed, own) });
        x = dense.apply(x) as SymbolicTensor;
        if (norm !== undefined) {
          x = batchNorm({ name: `bn${index + 1}`, affine: norm === 'affine', relu }).apply(x) as SymbolicTensor;
        } else if (relu) {
          x = tfLayers.reLU({ name: `relu${index + 1}` }).apply(x) as SymbolicTensor;
        }
      }
      return model({ inputs: features, outputs: x, name });
    },
  };
}
