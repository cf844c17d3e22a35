import type { NetSpec } from '@selfsup/layers';
import { mlp } from './mlp.ts';

export interface ByolHeadOptions {
  readonly hidden?: number;
  readonly out?: number;
}

function byolHead(name: string, { hidden = 4096, out = 256 }: ByolHeadOptions): NetSpec {
  return mlp({
    name,
    init: 'lecun',
    layers: [
      { units: hidden, bias: true, norm: 'affine', relu: true },
      { units: out, bias: false },
    ],
  });
}

/**
 * BYOL's projector g: linear (with bias) → 4096, BN, ReLU, linear (no bias) → 256, and no BN on the output.
 *
 * @see Grill et al. 2020, https://arxiv.org/abs/2006.07733; deepmind-research `byol/utils/networks.py`, class `MLP`
 */
export function byolProjector(options: ByolHeadOptions = {}): NetSpec {
  return byolHead('byol-projector', options);
}

/** BYOL's predictor q: the same layout as {@link byolProjector}, from z back to the size of z. */
export function byolPredictor(options: ByolHeadOptions = {}): NetSpec {
  return byolHead('byol-predictor', options);
}
