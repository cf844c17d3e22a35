import { mul, serialization } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { lastSize, only, onlyShape } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';

export interface LayerScaleOptions {
  /** Where every factor starts. */
  readonly initial?: number;
  readonly name?: string;
}

class LayerScale extends layers.Layer {
  static className = 'SelfsupLayerScale';
  private readonly initial: number;
  private scale!: LayerVariable;

  constructor(options: LayerScaleOptions = {}) {
    super({ ...options });
    this.initial = options.initial ?? 1e-6;
  }

  override build(inputShape: BatchShape | BatchShape[]): void {
    const dim = lastSize(inputShape, `layerScale "${this.name}"`);
    this.scale = this.addWeight('scale', [dim], 'float32', initializers.constant({ value: this.initial }));
    super.build(inputShape);
  }

  override call(inputs: Inputs): Tensor {
    return mul(only(inputs), this.scale.read());
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    return onlyShape(inputShape);
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), initial: this.initial };
  }
}
serialization.registerClass(LayerScale);

/**
 * A learnt factor for each channel of a residual branch: y = scale·x, starting near 0 so that the block starts as the identity.
 *
 * Weights: `scale` `[dim]`.
 *
 * @see Touvron et al. 2021, https://arxiv.org/abs/2103.17239
 */
export function layerScale(options: LayerScaleOptions = {}): layers.Layer {
  return new LayerScale(options);
}
