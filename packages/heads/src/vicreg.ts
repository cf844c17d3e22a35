import type { NetSpec } from '@selfsup/layers';
import { mlp } from './mlp.ts';

export interface VicregExpanderOptions {
  /** Width of each of the three layers. */
  readonly dim?: number;
}

/**
 * VICReg's expander: 2 × (linear → 8192 with bias, BN, ReLU), then linear → 8192 without bias.
 *
 * @see Bardes et al. 2021, https://arxiv.org/abs/2105.04906; facebookresearch/vicreg `main_vicreg.py`, `Projector`
 */
export function vicregExpander({ dim = 8192 }: VicregExpanderOptions = {}): NetSpec {
  return mlp({
    name: 'vicreg-expander',
    layers: [
      { units: dim, bias: true, norm: 'affine', relu: true },
      { units: dim, bias: true, norm: 'affine', relu: true },
      { units: dim, bias: false },
    ],
  });
}
