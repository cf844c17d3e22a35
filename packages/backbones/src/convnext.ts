import { conv2d, depthwiseConv2d, gelu, layerNorm, layerScale, layerSeed, linear } from '@selfsup/layers';
import type { NetSpec } from '@selfsup/layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { model } from '@tensorflow/tfjs-layers';
import { dropRates, featureRules, featureSuffix, pooledOrMap, residual } from './features.ts';
import type { FeatureOptions } from './features.ts';
import { imageInput } from './image-input.ts';
import { checkOptions, multipleOf } from './options.ts';

export interface ConvNextOptions extends FeatureOptions {
  /** Multiplies all channels. */
  readonly width?: number;
}

const depths = [3, 3, 9, 3] as const;
/** Every kernel starts from N(0, 0.02²), and every bias at 0. */
const init = { stddev: 0.02 } as const;

/**
 * ConvNeXt-Tiny: `[height, width, channels]` → features `[768·width]`, 27,820,128 trainable weights.
 *
 * Layers and their names are torchvision's without the classifier's linear layer: its layer normalisation is applied to the pooled
 * features of the last stage. The `map` of a stage is not normalised.
 *
 * @throws BackbonesError `invalid-option`; `shape-mismatch` from `build`
 * @see Liu et al. 2022, https://arxiv.org/abs/2201.03545; torchvision `models/convnext.py`
 */
export function convNextTiny(options: ConvNextOptions = {}): NetSpec {
  checkOptions('convNextTiny', options, { width: multipleOf(96), ...featureRules(depths.length) });
  const { width = 1, outputStage = depths.length, dropPath = 0, output = 'pooled' } = options;
  const name = `convnext_tiny${width === 1 ? '' : `x${Number(width.toFixed(4))}`}${featureSuffix(options)}`;
  const rates = dropRates(depths.reduce((total, count) => total + count, 0), dropPath);
  return {
    name,
    build: (inputShape, seed) => {
      const image = imageInput(name, inputShape, 4 * 2 ** (outputStage - 1));
      const own = (layer: string): { name: string; seed: number } => ({ name: layer, seed: layerSeed(seed, layer) });
      const norm = (x: SymbolicTensor, layer: string): SymbolicTensor => layerNorm({ name: layer, epsilon: 1e-6 }).apply(x) as SymbolicTensor;
      const shrink = (x: SymbolicTensor, layer: string, filters: number, by: number): SymbolicTensor =>
        conv2d({ ...own(layer), filters, kernelSize: by, strides: by, bias: true, init }).apply(x) as SymbolicTensor;
      const dense = (x: SymbolicTensor, layer: string, units: number): SymbolicTensor =>
        linear({ ...own(layer), inputs: x.shape[3]!, units, init }).apply(x) as SymbolicTensor;

      let x = norm(shrink(image, 'features.0.0', 96 * width, 4), 'features.0.1');
      let built = 0;
      for (const [stage, blocks] of depths.slice(0, outputStage).entries()) {
        const channels = 96 * width * 2 ** stage;
        if (stage > 0) x = shrink(norm(x, `features.${2 * stage}.0`), `features.${2 * stage}.1`, channels, 2);
        for (let index = 0; index < blocks; index++) {
          const block = `features.${2 * stage + 1}.${index}`;
          let y = depthwiseConv2d({ ...own(`${block}.block.0`), kernelSize: 7, bias: true, init }).apply(x) as SymbolicTensor;
          y = dense(norm(y, `${block}.block.2`), `${block}.block.3`, 4 * channels);
          y = dense(gelu({ name: `${block}.block.4` }).apply(y) as SymbolicTensor, `${block}.block.5`, channels);
          y = layerScale({ name: `${block}.layer_scale` }).apply(y) as SymbolicTensor;
          x = residual(y, x, block, rates[built++]!, seed);
        }
      }
      x = pooledOrMap(x, options);
      if (output === 'pooled' && outputStage === depths.length) x = norm(x, 'classifier.0');
      return model({ inputs: image, outputs: x, name });
    },
  };
}
