import type { NetSpec } from '@selfsup/layers';
import { mlp } from './mlp.ts';

export interface SimclrProjectorOptions {
  /** The width of the encoder's features in the official code. */
  readonly hidden?: number;
  readonly out?: number;
}

/**
 * SimCLR's projector: linear → 2048, BN, ReLU, linear → 128, BN; no linear bias.
 *
 * Deviation: the last BN learns β too, where the official one has γ alone.
 *
 * @see Chen et al. 2020, https://arxiv.org/abs/2002.05709; google-research/simclr `model_util.py`, `projection_head`
 */
export function simclrProjector({ hidden = 2048, out = 128 }: SimclrProjectorOptions = {}): NetSpec {
  return mlp({
    name: 'simclr-projector',
    layers: [
      { units: hidden, norm: 'affine', relu: true },
      { units: out, norm: 'affine' },
    ],
  });
}
