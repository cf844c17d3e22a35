import { byolCifar, byolImageNet } from './byol.ts';
import type { PresetOptions, ViewPair } from './color-views.ts';

/**
 * VICReg's views, which in the official code are BYOL's: crop (.08, 1) bicubic; flip .5; jitter .4/.4/.2/.1, p .8;
 * grayscale .2; blur σ ∈ [.1, 2], p 1 and .1; solarize p 0 and .2; ImageNet's statistics.
 *
 * Deviation: a true Gaussian for blur, where the official code has Pillow's approximation of it (see `gaussianBlur`).
 * @see Bardes et al. 2021, https://arxiv.org/abs/2105.04906; facebookresearch/vicreg `augmentations.py`
 */
export function vicregImageNet(changes: PresetOptions = {}): ViewPair {
  return byolImageNet({ name: 'vicreg-imagenet', ...changes });
}

/**
 * VICReg's views for CIFAR, the same for both: crop (.2, 1) bicubic at 32 pixels; jitter .4/.4/.2/.1, p .8; grayscale .2;
 * solarize p .1; no blur.
 *
 * @see solo-learn `scripts/pretrain/cifar/vicreg.yaml`
 */
export function vicregCifar(changes: PresetOptions = {}): ViewPair {
  return byolCifar({ name: 'vicreg-cifar', scale: [0.2, 1], solarizeProbability: 0.1, ...changes });
}
