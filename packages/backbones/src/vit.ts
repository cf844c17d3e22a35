import type { NetSpec } from '@selfsup/layers';
import { transformer } from './vision-transformer.ts';
import type { VitOptions } from './vision-transformer.ts';

/**
 * ViT-Tiny: `[height, width, channels]` → features `[192]`, 3 heads; 5,524,416 weights at 224 pixels in patches of 16.
 *
 * Twelve blocks, as {@link visionTransformer} describes them.
 *
 * @throws BackbonesError `invalid-option`; `shape-mismatch` from `build`
 * @see Touvron et al. 2020 (DeiT), https://arxiv.org/abs/2012.12877
 */
export function vitTiny(options: VitOptions = {}): NetSpec {
  return vit('vit_ti', 192, 3, options);
}

/** ViT-Small: features `[384]`, 6 heads, 21,665,664 weights, the encoder of DINO; otherwise as {@link vitTiny}. */
export function vitSmall(options: VitOptions = {}): NetSpec {
  return vit('vit_s', 384, 6, options);
}

/** ViT-Base: features `[768]`, 12 heads, 85,798,656 weights, torchvision's `vit_b_16` without its head; otherwise as {@link vitTiny}. */
export function vitBase(options: VitOptions = {}): NetSpec {
  return vit('vit_b', 768, 12, options);
}

function vit(network: string, dim: number, heads: number, options: VitOptions): NetSpec {
  return transformer(network, { dim, depth: 12, heads }, options);
}
