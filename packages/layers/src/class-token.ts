import { add, concat, serialization, tidy, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { layerSeed } from './seed.ts';
import { only, onlyShape, tokenShape } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';

export interface ClassTokenOptions {
  /** Draws the token from N(0, 0.02²). */
  readonly seed: number;
  readonly name?: string;
}

class ClassToken extends layers.Layer {
  static className = 'SelfsupClassToken';
  private readonly seed: number;
  private token!: LayerVariable;

  constructor(options: ClassTokenOptions) {
    super({ ...options });
    this.seed = options.seed;
  }

  override build(inputShape: BatchShape | BatchShape[]): void {
    const [, dim] = tokenShape(inputShape, `classToken "${this.name}"`);
    const initializer = initializers.randomNormal({ mean: 0, stddev: 0.02, seed: layerSeed(this.seed, 'token') });
    this.token = this.addWeight('token', [1, 1, dim], 'float32', initializer);
    super.build(inputShape);
  }

  override call(inputs: Inputs): Tensor {
    return tidy(() => {
      const x = only(inputs);
      const [batch = 0, , dim = 0] = x.shape;
      // Not by broadcastTo, whose gradient is a slice and an addition for each sample.
      return concat([add(zeros([batch, 1, dim]), this.token.read()), x], 1);
    });
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    const [tokens, dim] = tokenShape(inputShape, `classToken "${this.name}"`);
    return [onlyShape(inputShape)[0] ?? null, tokens + 1, dim];
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), seed: this.seed };
  }
}
serialization.registerClass(ClassToken);

/**
 * Puts a learnt token before all others: `[batch, tokens, dim]` → `[batch, 1 + tokens, dim]`.
 *
 * Weights: `token` `[1, 1, dim]`.
 *
 * @throws LayersError `shape-mismatch` for what is no batch of tokens
 * @see Dosovitskiy et al. 2020, https://arxiv.org/abs/2010.11929
 */
export function classToken(options: ClassTokenOptions): layers.Layer {
  return new ClassToken(options);
}
