import { serialization, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { LayersError } from './error.ts';
import { layerNormalize } from './layer-normalize.ts';
import { lastSize, only, onlyShape } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';

export interface LayerNormOptions {
  /** 1e-5 as in PyTorch; ViT and ConvNeXt take 1e-6. */
  readonly epsilon?: number;
  /** Learn γ and β. */
  readonly affine?: boolean;
  readonly name?: string;
}

class LayerNorm extends layers.Layer {
  static className = 'SelfsupLayerNorm';
  private readonly settings: Required<Omit<LayerNormOptions, 'name'>>;
  private gamma: LayerVariable | undefined;
  private beta: LayerVariable | undefined;

  constructor(options: LayerNormOptions = {}) {
    super({ ...options });
    const { epsilon = 1e-5, affine = true } = options;
    if (!(epsilon > 0)) throw new LayersError('invalid-option', `layerNorm: epsilon is ${epsilon}; it takes a positive number.`);
    this.settings = { epsilon, affine };
  }

  override build(inputShape: BatchShape | BatchShape[]): void {
    const dim = lastSize(inputShape, `layerNorm "${this.name}"`);
    if (this.settings.affine) {
      this.gamma = this.addWeight('gamma', [dim], 'float32', initializers.ones());
      this.beta = this.addWeight('beta', [dim], 'float32', initializers.zeros());
    }
    super.build(inputShape);
  }

  override call(inputs: Inputs): Tensor {
    const affine = this.gamma && this.beta && { gamma: this.gamma.read() as Tensor1D, beta: this.beta.read() as Tensor1D };
    return tidy(() => layerNormalize(only(inputs), affine, this.settings.epsilon));
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    return onlyShape(inputShape);
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.settings };
  }
}
serialization.registerClass(LayerNorm);

/**
 * Layer normalisation over the last axis of any shape: y = γ·(x−μ)/√(σ²+ε) + β with the mean and variance of each row.
 *
 * Weights: `gamma` and `beta` `[dim]`, when affine.
 *
 * @throws LayersError `invalid-option`; `shape-mismatch` when the last size is not known
 * @see Ba et al. 2016, https://arxiv.org/abs/1607.06450; torch.nn.LayerNorm
 */
export function layerNorm(options: LayerNormOptions = {}): layers.Layer {
  return new LayerNorm(options);
}
