import { cifar10Statistics, imageNetStatistics } from '../statistics.ts';
import { multiCropViews, withChanges } from './multi-crop.ts';
import type { MultiCropPresetOptions, MultiCropViews } from './multi-crop.ts';

/**
 * DINO's views: 2 of 224 pixels from crops (.4, 1), blur p 1 and .1, solarize p 0 and .2; and 8 of 96 pixels from crops
 * (.05, .4), blur p .5; bicubic; flip .5; jitter .4/.4/.2/.1 in random order, p .8; grayscale .2; σ ∈ [.1, 2]; ImageNet's statistics.
 *
 * Without small views the official code recommends `scale: [0.14, 1]`.
 * Deviation: a true Gaussian over 23 × 23 pixels for blur, where the official code has Pillow's approximation of it (see `gaussianBlur`).
 * @see Caron et al. 2021, https://arxiv.org/abs/2104.14294; facebookresearch/dino `main_dino.py`, `DataAugmentationDINO`
 */
export function dinoImageNet(changes: MultiCropPresetOptions = {}): MultiCropViews {
  const preset = {
    name: 'dino-imagenet',
    size: 224,
    scale: [0.4, 1],
    interpolation: 'bicubic',
    flipProbability: 0.5,
    jitter: { brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 },
    jitterProbability: 0.8,
    grayscaleProbability: 0.2,
    blurProbability: [1, 0.1],
    blur: { sigma: [0.1, 2], kernelSize: 23 },
    solarizeProbability: [0, 0.2],
    normalize: imageNetStatistics,
    local: { views: 8, size: 96, scale: [0.05, 0.4], blurProbability: 0.5 },
  } as const;
  return multiCropViews(withChanges(preset, changes));
}

/**
 * DINO's views for CIFAR: 2 of 32 pixels from crops (.08, 1) without blur, solarize p 0 and .2, and no small ones
 * (`local: { views: 6 }` adds them, of 18 pixels from crops (.05, .4)).
 *
 * @see solo-learn `scripts/pretrain/cifar/dino.yaml`, `augmentations/asymmetric.yaml`; the small views are ours
 */
export function dinoCifar({ local, ...changes }: MultiCropPresetOptions = {}): MultiCropViews {
  return dinoImageNet({
    name: 'dino-cifar',
    size: 32,
    scale: [0.08, 1],
    blurProbability: 0,
    normalize: cifar10Statistics,
    ...changes,
    local: { views: 0, size: 18, blurProbability: 0, ...local },
  });
}
