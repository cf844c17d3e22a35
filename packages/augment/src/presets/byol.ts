import { cifar10Statistics, imageNetStatistics } from '../statistics.ts';
import { colorViews } from './color-views.ts';
import type { PresetOptions, ViewPair } from './color-views.ts';

/**
 * BYOL's views at any size: asymmetric, as `a` is always blurred and only `b` is ever solarized.
 *
 * Crop (.08, 1) bicubic; flip .5; jitter .4/.4/.2/.1 in random order, p .8; grayscale .2; blur σ ∈ [.1, 2], p 1 and .1;
 * solarize at .5, p 0 and .2; ImageNet's statistics.
 * Deviations: torchvision's formulas for colour (see `colorJitter`) and mirrored borders for blur.
 * @see Grill et al. 2020, appendix B, https://arxiv.org/abs/2006.07733; deepmind-research `byol/utils/augmentations.py`
 */
export function byolImageNet(changes: PresetOptions = {}): ViewPair {
  return colorViews({
    name: 'byol-imagenet',
    size: 224,
    scale: [0.08, 1],
    interpolation: 'bicubic',
    flipProbability: 0.5,
    jitter: { brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 },
    jitterProbability: 0.8,
    grayscaleProbability: 0.2,
    blurProbability: [1, 0.1],
    blur: { sigma: [0.1, 2] },
    solarizeProbability: [0, 0.2],
    normalize: imageNetStatistics,
    ...changes,
  });
}

/**
 * BYOL's views for CIFAR: those of ImageNet at 32 pixels and without blur.
 *
 * @see solo-learn `scripts/pretrain/cifar/augmentations/asymmetric.yaml`
 */
export function byolCifar(changes: PresetOptions = {}): ViewPair {
  return byolImageNet({
    name: 'byol-cifar',
    size: 32,
    blurProbability: 0,
    normalize: cifar10Statistics,
    ...changes,
  });
}
