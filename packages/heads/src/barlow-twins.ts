import type { NetSpec } from '@selfsup/layers';
import { mlp } from './mlp.ts';

export interface BarlowTwinsProjectorOptions {
  /** Width of each of the three layers. */
  readonly dim?: number;
}

/**
 * Barlow Twins' projector: 3 × linear → 8192 without bias, BN and ReLU after the first two. The BN without γ and β that
 * the cross-correlation needs belongs to the loss.
 *
 * @see Zbontar et al. 2021, https://arxiv.org/abs/2103.03230; facebookresearch/barlowtwins `main.py`
 */
export function barlowTwinsProjector({ dim = 8192 }: BarlowTwinsProjectorOptions = {}): NetSpec {
  return mlp({
    name: 'barlow-twins-projector',
    layers: [
      { units: dim, norm: 'affine', relu: true },
      { units: dim, norm: 'affine', relu: true },
      { units: dim, bias: false },
    ],
  });
}
