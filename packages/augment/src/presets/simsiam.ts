import { cifar10Statistics, imageNetStatistics } from '../statistics.ts';
import { colorViews } from './color-views.ts';
import type { PresetOptions, ViewPair } from './color-views.ts';

/**
 * SimSiam's views, the same for both: crop (.2, 1) bilinear; jitter .4/.4/.4/.1 in random order, p .8; grayscale .2;
 * blur σ ∈ [.1, 2], p .5; flip .5; ImageNet's statistics.
 *
 * Deviation: a true Gaussian for blur, where the official code has Pillow's approximation of it (see `gaussianBlur`).
 * @see Chen & He 2021, https://arxiv.org/abs/2011.10566; facebookresearch/simsiam `main_simsiam.py`
 */
export function simsiamImageNet(changes: PresetOptions = {}): ViewPair {
  return colorViews({
    name: 'simsiam-imagenet',
    size: 224,
    scale: [0.2, 1],
    interpolation: 'bilinear',
    flipProbability: 0.5,
    jitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
    jitterProbability: 0.8,
    grayscaleProbability: 0.2,
    blurProbability: 0.5,
    blur: { sigma: [0.1, 2] },
    normalize: imageNetStatistics,
    ...changes,
  });
}

/**
 * SimSiam's views for CIFAR: those of ImageNet at 32 pixels and without blur.
 *
 * @see Chen & He 2021, appendix D, https://arxiv.org/abs/2011.10566
 */
export function simsiamCifar(changes: PresetOptions = {}): ViewPair {
  return simsiamImageNet({
    name: 'simsiam-cifar',
    size: 32,
    blurProbability: 0,
    normalize: cifar10Statistics,
    ...changes,
  });
}
