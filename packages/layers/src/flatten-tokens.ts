import { reshape, serialization } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { imageShape, only, onlyShape } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';

class FlattenTokens extends layers.Layer {
  static className = 'SelfsupFlattenTokens';

  override call(inputs: Inputs): Tensor {
    const x = only(inputs);
    return reshape(x, [x.shape[0]!, -1, x.shape[3]!]);
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    const [height, width, dim] = imageShape(inputShape, `flattenTokens "${this.name}"`);
    return [onlyShape(inputShape)[0] ?? null, height * width, dim];
  }
}
serialization.registerClass(FlattenTokens);

/**
 * A grid of tokens as a sequence, row by row: `[batch, height, width, dim]` → `[batch, height·width, dim]`, whatever the size of the
 * images that a call brings.
 */
export function flattenTokens(options: { readonly name?: string } = {}): layers.Layer {
  return new FlattenTokens(options);
}
