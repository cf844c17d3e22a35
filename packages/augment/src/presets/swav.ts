import { cifar10Statistics } from '../statistics.ts';
import { multiCropViews, withChanges } from './multi-crop.ts';
import type { MultiCropPresetOptions, MultiCropViews } from './multi-crop.ts';

/**
 * SwAV's views: 2 of 224 pixels from crops (.14, 1) and 6 of 96 pixels from crops (.05, .14), bilinear; flip .5; jitter
 * .8/.8/.8/.2 in random order, p .8; grayscale .2; blur σ ∈ [.1, 2], p .5; the code's statistics, whose first deviation is .228.
 *
 * Deviation: a true Gaussian over 23 × 23 pixels for blur, as SwAV's first release had; the later code has Pillow's
 * approximation of it (see `gaussianBlur`).
 * @see Caron et al. 2020, https://arxiv.org/abs/2006.09882; facebookresearch/swav `src/multicropdataset.py`, `scripts/swav_800ep_pretrain.sh`
 */
export function swavImageNet(changes: MultiCropPresetOptions = {}): MultiCropViews {
  const preset = {
    name: 'swav-imagenet',
    size: 224,
    scale: [0.14, 1],
    interpolation: 'bilinear',
    flipProbability: 0.5,
    jitter: { brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.2 },
    jitterProbability: 0.8,
    grayscaleProbability: 0.2,
    blurProbability: 0.5,
    blur: { sigma: [0.1, 2], kernelSize: 23 },
    normalize: { mean: [0.485, 0.456, 0.406], std: [0.228, 0.224, 0.225] },
    local: { views: 6, size: 96, scale: [0.05, 0.14] },
  } as const;
  return multiCropViews(withChanges(preset, changes));
}

/**
 * SwAV's views for CIFAR: 2 of 32 pixels from crops (.2, 1) with jitter .6/.6/.6/.2 and solarize p 0 and .2, no blur; and 6 of
 * 18 pixels from crops (.08, .5) with jitter .8/.8/.8/.2, blur p .1 and solarize p .1; bicubic.
 *
 * @see solo-learn `scripts/pretrain/cifar-multicrop/augmentations/swav.yaml`
 */
export function swavCifar(changes: MultiCropPresetOptions = {}): MultiCropViews {
  const preset = {
    name: 'swav-cifar',
    size: 32,
    scale: [0.2, 1],
    interpolation: 'bicubic',
    flipProbability: 0.5,
    jitter: { brightness: 0.6, contrast: 0.6, saturation: 0.6, hue: 0.2 },
    jitterProbability: 0.8,
    grayscaleProbability: 0.2,
    blurProbability: 0,
    blur: { sigma: [0.1, 2], kernelSize: 9 },
    solarizeProbability: [0, 0.2],
    normalize: cifar10Statistics,
    local: {
      views: 6,
      size: 18,
      scale: [0.08, 0.5],
      jitter: { brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.2 },
      blurProbability: 0.1,
      solarizeProbability: 0.1,
    },
  } as const;
  return multiCropViews(withChanges(preset, changes));
}
