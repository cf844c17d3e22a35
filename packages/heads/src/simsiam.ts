import type { NetSpec } from '@selfsup/layers';
import { HeadsError } from './error.ts';
import { mlp } from './mlp.ts';
import type { MlpLayer } from './mlp.ts';

export interface SimsiamProjectorOptions {
  /** 3 for ImageNet; 2 for CIFAR-10 (appendix D of the paper). */
  readonly layers?: 2 | 3;
  /** Width of every layer. */
  readonly dim?: number;
}

/**
 * SimSiam's projector: 3 (CIFAR-10: 2) × linear → 2048 without bias, BN on each, ReLU on all but the last, whose BN
 * learns no γ and β.
 *
 * Deviations from the official code, none of which changes what is learnt: it freezes the random bias of the last linear
 * layer, and the BN after it takes any bias away again; its hidden layers are as wide as the encoder's features, which is
 * 2048 for the ResNet-50 it was written for and in the paper.
 *
 * @throws HeadsError `invalid-option`
 * @see Chen and He 2020, https://arxiv.org/abs/2011.10566; facebookresearch/simsiam `simsiam/builder.py`
 */
export function simsiamProjector(options: SimsiamProjectorOptions = {}): NetSpec {
  const { layers = 3, dim = 2048 } = options;
  if (layers !== 2 && layers !== 3) {
    throw new HeadsError('invalid-option', `simsiamProjector: layers is ${String(layers)}; it takes 3, or 2 for the CIFAR-10 layout.`);
  }
  const hidden: MlpLayer = { units: dim, norm: 'affine', relu: true };
  return mlp({ name: 'simsiam-projector', layers: [...(layers === 3 ? [hidden] : []), hidden, { units: dim, norm: 'plain' }] });
}

export interface SimsiamPredictorOptions {
  /** The bottleneck: a quarter of `out` in the paper. */
  readonly hidden?: number;
  readonly out?: number;
}

/**
 * SimSiam's predictor: linear (no bias) → 512, BN, ReLU, linear (with bias) → 2048.
 *
 * @see facebookresearch/simsiam `simsiam/builder.py`
 */
export function simsiamPredictor(options: SimsiamPredictorOptions = {}): NetSpec {
  const { hidden = 512, out = 2048 } = options;
  return mlp({ name: 'simsiam-predictor', layers: [{ units: hidden, norm: 'affine', relu: true }, { units: out }] });
}
