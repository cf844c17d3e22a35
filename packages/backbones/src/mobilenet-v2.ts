import { batchNorm, conv2d, depthwiseConv2d, layerSeed, relu6 } from '@selfsup/layers';
import type { NetSpec } from '@selfsup/layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { model } from '@tensorflow/tfjs-layers';
import { dropRates, featureRules, featureSuffix, pooledOrMap, residual } from './features.ts';
import type { FeatureOptions } from './features.ts';
import { imageInput } from './image-input.ts';
import { checkOptions, rules } from './options.ts';

export interface MobileNetV2Options extends FeatureOptions {
  /** Multiplies all channels, each then rounded to a multiple of 8; the 1,280 of the last layer never shrink. */
  readonly width?: number;
}

/** Table 2 of the paper: expansion, channels, blocks and strides of the first block of each stage. */
const table = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** To the nearest multiple of 8, but never more than a tenth down. */
function rounded(channels: number): number {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest < 0.9 * channels ? nearest + 8 : nearest;
}

/**
 * MobileNetV2: `[height, width, channels]` → features `[1280]` (more for a width above 1), 2,223,872 trainable weights.
 *
 * Layers and their names are torchvision's without the classifier. With `outputStage`, the network ends after that row of the
 * paper's table 2 (1 to 7), before the last 1×1 convolution. Its total stride is 32.
 *
 * @throws BackbonesError `invalid-option`; `shape-mismatch` from `build`
 * @see Sandler et al. 2018, https://arxiv.org/abs/1801.04381; torchvision `models/mobilenetv2.py`
 */
export function mobileNetV2(options: MobileNetV2Options = {}): NetSpec {
  checkOptions('mobileNetV2', options, { width: rules.positive, ...featureRules(table.length) });
  const { width = 1, outputStage, dropPath = 0 } = options;
  const name = `mobilenet_v2${width === 1 ? '' : `x${width}`}${featureSuffix(options)}`;
  const rates = dropRates(table.reduce((total, [, , blocks]) => total + blocks, 0), dropPath);
  return {
    name,
    build: (inputShape, seed) => {
      const image = imageInput(name, inputShape, 1);
      const conv = (x: SymbolicTensor, layer: string, filters: number, kernelSize: number, strides: number): SymbolicTensor =>
        conv2d({ name: layer, filters, kernelSize, strides, padding: 'same', seed: layerSeed(seed, layer) }).apply(x) as SymbolicTensor;
      const depthwise = (x: SymbolicTensor, layer: string, strides: number): SymbolicTensor =>
        depthwiseConv2d({ name: layer, kernelSize: 3, strides, seed: layerSeed(seed, layer) }).apply(x) as SymbolicTensor;
      const norm = (x: SymbolicTensor | SymbolicTensor[], layer: string): SymbolicTensor => batchNorm({ name: layer }).apply(x) as SymbolicTensor;
      /** Normalisation and relu6 after the layer `part.0`. */
      const activated = (x: SymbolicTensor, part: string): SymbolicTensor => relu6({ name: `${part}.2` }).apply(norm(x, `${part}.1`)) as SymbolicTensor;

      let x = activated(conv(image, 'features.0.0', rounded(32 * width), 3, 2), 'features.0');
      let built = 0;
      for (const [expansion, channels, blocks, strides] of table.slice(0, outputStage)) {
        for (let index = 0; index < blocks; index++) {
          const rate = rates[built++]!;
          const block = `features.${built}`;
          const [into, out] = [x.shape[3]!, rounded(channels * width)];
          const expanded = expansion === 1 ? x : activated(conv(x, `${block}.conv.0.0`, expansion * into, 1, 1), `${block}.conv.0`);
          const place = expansion === 1 ? 0 : 1;
          const part = `${block}.conv.${place}`;
          const filtered = activated(depthwise(expanded, `${part}.0`, index === 0 ? strides : 1), part);
          const projected = conv(filtered, `${block}.conv.${place + 1}`, out, 1, 1);
          const last = `${block}.conv.${place + 2}`;
          const isResidual = into === out && (index > 0 || strides === 1);
          if (isResidual && rate > 0) x = residual(norm(projected, last), x, block, rate, seed);
          else x = norm(isResidual ? [projected, x] : projected, last);
        }
      }
      if (outputStage === undefined) x = activated(conv(x, 'features.18.0', rounded(1280 * Math.max(1, width)), 1, 1), 'features.18');
      return model({ inputs: image, outputs: pooledOrMap(x, options), name });
    },
  };
}
