import { byolCifar, byolImageNet } from './byol.ts';
import type { PresetOptions, ViewPair } from './color-views.ts';

/**
 * Barlow Twins' views, which are BYOL's: crop (.08, 1) bicubic; flip .5; jitter .4/.4/.2/.1, p .8; grayscale .2; blur
 * σ ∈ [.1, 2], p 1 and .1; solarize p 0 and .2; ImageNet's statistics.
 *
 * Deviation: a true Gaussian for blur, where the official code has Pillow's approximation of it (see `gaussianBlur`).
 * @see Zbontar et al. 2021, https://arxiv.org/abs/2103.03230; facebookresearch/barlowtwins `main.py`
 */
export function barlowTwinsImageNet(changes: PresetOptions = {}): ViewPair {
  return byolImageNet({ name: 'barlow-twins-imagenet', ...changes });
}

/**
 * Barlow Twins' views for CIFAR, which are those of BYOL.
 *
 * @see solo-learn `scripts/pretrain/cifar/barlow.yaml`, `augmentations/asymmetric.yaml`
 */
export function barlowTwinsCifar(changes: PresetOptions = {}): ViewPair {
  return byolCifar({ name: 'barlow-twins-cifar', ...changes });
}
