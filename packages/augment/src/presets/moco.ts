import { cifar10Statistics } from '../statistics.ts';
import { byolCifar, byolImageNet } from './byol.ts';
import type { PresetOptions, ViewPair } from './color-views.ts';
import { simsiamCifar, simsiamImageNet } from './simsiam.ts';

/**
 * MoCo v2's views, the same for both: crop (.2, 1) bilinear; jitter .4/.4/.4/.1 in random order, p .8; grayscale .2;
 * blur σ ∈ [.1, 2], p .5; flip .5; ImageNet's statistics. SimSiam took these over, with the same deviation.
 *
 * @see Chen et al. 2020, https://arxiv.org/abs/2003.04297; facebookresearch/moco `main_moco.py --aug-plus`
 */
export function mocoV2ImageNet(changes: PresetOptions = {}): ViewPair {
  return simsiamImageNet({ name: 'moco-v2-imagenet', ...changes });
}

/**
 * MoCo v2's views for CIFAR: crop (.08, 1) bilinear at 32 pixels, without blur; deviations (.2023, .1994, .2010) as there.
 *
 * @see facebookresearch/moco `colab/moco_cifar10_demo.ipynb`
 */
export function mocoV2Cifar(changes: PresetOptions = {}): ViewPair {
  const normalize = { mean: cifar10Statistics.mean, std: [0.2023, 0.1994, 0.201] };
  return simsiamCifar({ name: 'moco-v2-cifar', scale: [0.08, 1], normalize, ...changes });
}

/**
 * MoCo v3's views: BYOL's, asymmetric, but cropped bilinearly: crop (.08, 1), blur p 1 and .1, solarize p 0 and .2.
 *
 * The official ResNet-50 configurations give `scale: [0.2, 1]`; those of ViT take (.08, 1).
 * Deviation: a true Gaussian for blur, where the official code has Pillow's approximation of it (see `gaussianBlur`).
 * @see Chen et al. 2021, https://arxiv.org/abs/2104.02057; facebookresearch/moco-v3 `main_moco.py`, `CONFIG.md`
 */
export function mocoV3ImageNet(changes: PresetOptions = {}): ViewPair {
  return byolImageNet({ name: 'moco-v3-imagenet', interpolation: 'bilinear', ...changes });
}

/**
 * MoCo v3's views for CIFAR, which are those of BYOL.
 *
 * @see solo-learn `scripts/pretrain/cifar/mocov3.yaml`, `augmentations/asymmetric.yaml`
 */
export function mocoV3Cifar(changes: PresetOptions = {}): ViewPair {
  return byolCifar({ name: 'moco-v3-cifar', ...changes });
}
