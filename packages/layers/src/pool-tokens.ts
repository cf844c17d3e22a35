import { mean, reshape, serialization, slice, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor3D } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { LayersError } from './error.ts';
import { only, onlyShape, tokenShape } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';

export interface PoolTokensOptions {
  /** `class-token`: the first token. `mean`: the mean of all tokens after the first `skip`. */
  readonly by: 'class-token' | 'mean';
  /** Tokens before those of the patches, which a mean leaves out. */
  readonly skip?: number;
  readonly name?: string;
}

class PoolTokens extends layers.Layer {
  static className = 'SelfsupPoolTokens';
  private readonly by: 'class-token' | 'mean';
  private readonly skip: number;

  constructor(options: PoolTokensOptions) {
    super({ ...options });
    const { by, skip = 0 } = options;
    if (by !== 'class-token' && by !== 'mean') {
      throw new LayersError('invalid-option', `poolTokens: by is ${String(by)}; it takes 'class-token' or 'mean'.`);
    }
    this.by = by;
    this.skip = skip;
  }

  override call(inputs: Inputs): Tensor {
    return tidy(() => {
      const x = only(inputs) as Tensor3D;
      const [batch, tokens, dim] = x.shape;
      if (this.by === 'class-token') return reshape(slice(x, [0, 0, 0], [batch, 1, dim]), [batch, dim]);
      return mean(this.skip === 0 ? x : slice(x, [0, this.skip, 0], [batch, tokens - this.skip, dim]), 1);
    });
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    const [, dim] = tokenShape(inputShape, `poolTokens "${this.name}"`);
    return [onlyShape(inputShape)[0] ?? null, dim];
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), by: this.by, skip: this.skip };
  }
}
serialization.registerClass(PoolTokens);

/**
 * One vector of a sequence: `[batch, tokens, dim]` → `[batch, dim]`, the class token or the mean of the patches' tokens.
 *
 * @throws LayersError `invalid-option`; `shape-mismatch` for what is no batch of tokens
 */
export function poolTokens(options: PoolTokensOptions): layers.Layer {
  return new PoolTokens(options);
}
