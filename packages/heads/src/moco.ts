import type { NetSpec } from '@selfsup/layers';
import { mlp } from './mlp.ts';

export interface MocoV2ProjectorOptions {
  /** The width of the encoder's features in the official code. */
  readonly hidden?: number;
  readonly out?: number;
}

/**
 * MoCo v2's projector: linear → 2048, ReLU, linear → 128; both with bias, no BN.
 *
 * @see Chen et al. 2020, https://arxiv.org/abs/2003.04297; facebookresearch/moco `moco/builder.py`
 */
export function mocoV2Projector({ hidden = 2048, out = 128 }: MocoV2ProjectorOptions = {}): NetSpec {
  return mlp({ name: 'moco-v2-projector', layers: [{ units: hidden, relu: true }, { units: out }] });
}
