import { mul, scalar, serialization, tensor, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { LayersError } from './error.ts';
import { layerSeed } from './seed.ts';
import { only, onlyShape } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';

export interface DropPathOptions {
  /** The probability of dropping the branch of a sample, below 1. */
  readonly rate: number;
  /** Draws which samples lose their branch, at every training call anew. */
  readonly seed: number;
  readonly name?: string;
}

class DropPath extends layers.Layer {
  static className = 'SelfsupDropPath';
  private readonly rate: number;
  private readonly seed: number;
  /** How many training calls there were: a weight, so that a training that resumes draws what it would have drawn. */
  private calls!: LayerVariable;
  private known: { count: number; data: object } | undefined;

  constructor(options: DropPathOptions) {
    super({ ...options });
    const { rate, seed } = options;
    if (!(rate >= 0 && rate < 1)) throw new LayersError('invalid-option', `dropPath: rate is ${rate}; it takes [0, 1).`);
    this.rate = rate;
    this.seed = seed;
  }

  override build(inputShape: BatchShape | BatchShape[]): void {
    this.calls = this.addWeight('calls', [], 'float32', initializers.zeros(), undefined, false);
    super.build(inputShape);
  }

  override call(inputs: Inputs, kwargs: Record<string, unknown>): Tensor {
    const x = only(inputs);
    if (kwargs['training'] !== true || this.rate === 0) return x.clone();
    const keep = 1 - this.rate;
    const [batch = 0] = x.shape;
    const call = this.nextCall();
    const kept = Array.from({ length: batch }, (_, sample) => (layerSeed(this.seed, `${call}/${sample}`) / 2 ** 31 < keep ? 1 / keep : 0));
    return tidy(() => mul(x, tensor(kept, [batch, ...x.shape.slice(1).map(() => 1)])));
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    return onlyShape(inputShape);
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate, seed: this.seed };
  }

  /** Counts on; the weight is read only when somebody else has written it. */
  private nextCall(): number {
    const before = this.calls.read();
    const count = this.known?.data === before.dataId ? this.known.count : before.dataSync()[0]!;
    const next = scalar(count + 1);
    this.calls.write(next);
    next.dispose();
    this.known = { count: count + 1, data: this.calls.read().dataId };
    return count;
  }
}
serialization.registerClass(DropPath);

/**
 * Stochastic depth: in a training call, each sample loses this residual branch with probability `rate`, and what is kept is
 * divided by 1 − rate. Otherwise y = x.
 *
 * Which samples: a function of `seed`, the number of training calls before this one, and the place in the batch. The count is the
 * weight `calls` (not trainable), saved and restored with the model.
 *
 * @throws LayersError `invalid-option`
 * @see Huang et al. 2016, https://arxiv.org/abs/1603.09382; torchvision `ops/stochastic_depth.py`, mode "row"
 */
export function dropPath(options: DropPathOptions): layers.Layer {
  return new DropPath(options);
}
