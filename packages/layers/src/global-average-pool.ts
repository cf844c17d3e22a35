import { layers } from '@tensorflow/tfjs-layers';

/** The mean over height and width: `[batch, height, width, channels]` → `[batch, channels]`. */
export function globalAveragePool(options: { readonly name?: string } = {}): layers.Layer {
  return layers.globalAveragePooling2d({ ...options });
}
