import { batchNorm, conv2d, layerSeed } from '@selfsup/layers';
import type { NetSpec } from '@selfsup/layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { model } from '@tensorflow/tfjs-layers';
import { BackbonesError } from './error.ts';
import { dropRates, featureRules, featureSuffix, pooledOrMap, residual } from './features.ts';
import type { FeatureOptions } from './features.ts';
import { imageInput } from './image-input.ts';
import { checkOptions, rules } from './options.ts';

export interface WideResNetOptions extends FeatureOptions {
  /** 6·n + 4 with n blocks in each of the three stages: 16, 22, 28, 40. */
  readonly depth?: number;
  /** Multiplies the channels 16, 32, 64 of the three stages. */
  readonly width?: number;
}

/**
 * The Wide ResNet for 32 pixels, WRN-depth-width: `[height, width, channels]` → features `[64·width]`. WRN-28-10, the default, has
 * 36,472,784 trainable weights, and WRN-28-2 1,466,320.
 *
 * Blocks normalise before they convolve: BN, ReLU, 3×3, BN, ReLU, 3×3, with strides 1, 2, 2 over the stages; a last BN and ReLU before the
 * pooling. Layers are called as in xternalz/WideResNet-pytorch. No dropout.
 *
 * @throws BackbonesError `invalid-option`; `shape-mismatch` from `build`
 * @see Zagoruyko and Komodakis 2016, https://arxiv.org/abs/1605.07146
 */
export function wideResNet(options: WideResNetOptions = {}): NetSpec {
  checkOptions('wideResNet', options, { depth: rules.natural, width: rules.natural, ...featureRules(3) });
  const { depth = 28, width = 10, outputStage = 3, dropPath = 0 } = options;
  const perStage = (depth - 4) / 6;
  if (!Number.isInteger(perStage) || perStage < 1) {
    throw new BackbonesError('invalid-option', `wideResNet: depth is ${depth}; it takes 6·n + 4, such as 16, 28 or 40.`);
  }
  const name = `wrn-${depth}-${width}${featureSuffix(options)}`;
  const rates = dropRates(3 * perStage, dropPath);
  return {
    name,
    build: (inputShape, seed) => {
      const conv = (x: SymbolicTensor, layer: string, filters: number, kernelSize: number, strides: number): SymbolicTensor =>
        conv2d({ name: layer, filters, kernelSize, strides, padding: 'same', seed: layerSeed(seed, layer) }).apply(x) as SymbolicTensor;
      const norm = (x: SymbolicTensor, layer: string): SymbolicTensor => batchNorm({ name: layer, relu: true }).apply(x) as SymbolicTensor;
      const image = imageInput(name, inputShape, 2 ** (outputStage - 1));
      let x = conv(image, 'conv1', 16, 3, 1);
      for (let stage = 0; stage < outputStage; stage++) {
        for (let index = 0; index < perStage; index++) {
          const block = `block${stage + 1}.layer.${index}`;
          const filters = 16 * width * 2 ** stage;
          const strides = stage > 0 && index === 0 ? 2 : 1;
          const ready = norm(x, `${block}.bn1`);
          const shortcut = x.shape[3] === filters ? x : conv(ready, `${block}.convShortcut`, filters, 1, strides);
          const inner = norm(conv(ready, `${block}.conv1`, filters, 3, strides), `${block}.bn2`);
          x = residual(conv(inner, `${block}.conv2`, filters, 3, 1), shortcut, block, rates[stage * perStage + index]!, seed);
        }
      }
      if (outputStage === 3) x = norm(x, 'bn1');
      return model({ inputs: image, outputs: pooledOrMap(x, options), name });
    },
  };
}
