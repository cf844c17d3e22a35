import { add, matMul, mul, reshape, serialization, softmax, split, tidy, transpose } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { LayersError } from './error.ts';
import { biasInitializer, checkedInit, kernelInitializer } from './initial-weights.ts';
import type { KernelInit } from './initial-weights.ts';
import { layerSeed } from './seed.ts';
import { only, onlyShape, positiveInteger, tokenShape } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';

export interface MultiHeadAttentionOptions {
  /** Divides the tokens' dim. */
  readonly heads: number;
  /** Biases of queries, keys and values; the output always has one. */
  readonly qkvBias?: boolean;
  /** How both kernels start. */
  readonly init?: KernelInit;
  /** Draws the initial weights. */
  readonly seed: number;
  readonly name?: string;
}

class MultiHeadAttention extends layers.Layer {
  static className = 'SelfsupMultiHeadAttention';
  private readonly settings: Required<Omit<MultiHeadAttentionOptions, 'name'>>;
  private qkvKernel!: LayerVariable;
  private qkvBias: LayerVariable | undefined;
  private outKernel!: LayerVariable;
  private outBias!: LayerVariable;

  constructor(options: MultiHeadAttentionOptions) {
    super({ ...options });
    const { heads, qkvBias = true, init = 'torch', seed } = options;
    positiveInteger(heads, 'heads', 'multiHeadAttention');
    this.settings = { heads, qkvBias, init: checkedInit(init, 'multiHeadAttention'), seed };
  }

  override build(inputShape: BatchShape | BatchShape[]): void {
    const { heads, qkvBias, init, seed } = this.settings;
    const [, dim] = tokenShape(inputShape, `multiHeadAttention "${this.name}"`);
    if (dim % heads !== 0) {
      throw new LayersError('shape-mismatch', `multiHeadAttention "${this.name}": ${heads} heads do not divide a dim of ${dim}; give a divisor of it.`);
    }
    const [qkv, out] = [layerSeed(seed, 'qkv'), layerSeed(seed, 'out')];
    this.qkvKernel = this.addWeight('qkv_kernel', [dim, 3 * dim], 'float32', kernelInitializer(init, { in: dim, out: 3 * dim }, qkv));
    if (qkvBias) this.qkvBias = this.addWeight('qkv_bias', [3 * dim], 'float32', biasInitializer(init, dim, qkv));
    this.outKernel = this.addWeight('out_kernel', [dim, dim], 'float32', kernelInitializer(init, { in: dim, out: dim }, out));
    this.outBias = this.addWeight('out_bias', [dim], 'float32', biasInitializer(init, dim, out));
    super.build(inputShape);
  }

  override call(inputs: Inputs): Tensor {
    const { heads } = this.settings;
    return tidy(() => {
      const x = only(inputs) as Tensor3D;
      const [batch, tokens, dim] = x.shape;
      const rows = [batch * tokens, dim] as const;
      let qkv: Tensor = matMul(reshape(x, [...rows]), this.qkvKernel.read() as Tensor2D);
      if (this.qkvBias) qkv = add(qkv, this.qkvBias.read());
      // [batch·tokens, dim] → [batch, heads, tokens, dim/heads]
      const perHead = (t: Tensor): Tensor => transpose(reshape(t, [batch, tokens, heads, dim / heads]), [0, 2, 1, 3]);
      const [q, k, v] = split(qkv, 3, -1).map(perHead) as [Tensor, Tensor, Tensor];
      const weights = softmax(matMul(mul(q, Math.sqrt(heads / dim)), k, false, true));
      const mixed = reshape(transpose(matMul(weights, v), [0, 2, 1, 3]), [...rows]);
      return reshape(add(matMul(mixed, this.outKernel.read() as Tensor2D), this.outBias.read()), x.shape);
    });
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    return onlyShape(inputShape);
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.settings };
  }
}
serialization.registerClass(MultiHeadAttention);

/**
 * Self-attention `[batch, tokens, dim]` → `[batch, tokens, dim]`: per head softmax(q·kᵀ/√(dim/heads))·v, then a linear layer over
 * the heads side by side.
 *
 * Weights: `qkv_kernel` `[dim, 3·dim]` (queries, keys, values) with `qkv_bias`, `out_kernel` `[dim, dim]` with `out_bias`.
 *
 * @throws LayersError `invalid-option`; `shape-mismatch` when the heads do not divide dim
 * @see Vaswani et al. 2017, https://arxiv.org/abs/1706.03762; torch.nn.MultiheadAttention
 */
export function multiHeadAttention(options: MultiHeadAttentionOptions): layers.Layer {
  return new MultiHeadAttention(options);
}
