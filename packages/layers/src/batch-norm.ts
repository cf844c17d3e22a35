import { onesLike, serialization, tidy, zerosLike } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { initializers, layers } from '@tensorflow/tfjs-layers';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { batchNormInfer } from './batch-norm-infer.ts';
import { batchNormTrain } from './batch-norm-train.ts';
import { LayersError } from './error.ts';
import { moveStatistics } from './running-statistics.ts';
import { viewsIn } from './training-pass.ts';
import { isShapeList, only, onlyShape, show } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';

export interface BatchNormOptions {
  /** How much of the running statistics survives a step; 0.9 is PyTorch's `momentum=0.1`. */
  readonly momentum?: number;
  readonly epsilon?: number;
  /** Learn γ and β. */
  readonly affine?: boolean;
  /** Apply relu last, after the residual. */
  readonly relu?: boolean;
  /** Where γ starts: 0 for the last normalisation of a residual block with `zeroInitResidual`. */
  readonly initialGamma?: number;
  readonly name?: string;
}

class BatchNorm extends layers.Layer {
  static className = 'SelfsupBatchNorm';
  private readonly settings: Required<Omit<BatchNormOptions, 'name'>>;
  private gamma: LayerVariable | undefined;
  private beta: LayerVariable | undefined;
  private runningMean!: LayerVariable;
  private runningVariance!: LayerVariable;

  constructor(options: BatchNormOptions = {}) {
    super({ ...options });
    const { momentum = 0.9, epsilon = 1e-5, affine = true, relu: withRelu = false, initialGamma = 1 } = options;
    if (!(momentum >= 0 && momentum < 1) || !(epsilon > 0)) {
      throw new LayersError(
        'invalid-option',
        `batchNorm: momentum is ${momentum} and epsilon ${epsilon}; momentum takes [0, 1) (PyTorch's m is 1−m here), epsilon a positive number.`,
      );
    }
    this.settings = { momentum, epsilon, affine, relu: withRelu, initialGamma };
  }

  override build(inputShape: BatchShape | BatchShape[]): void {
    const shape = onlyShape(inputShape);
    const channels = shape.at(-1);
    if ((shape.length !== 2 && shape.length !== 4) || channels == null) {
      throw new LayersError(
        'shape-mismatch',
        `batchNorm "${this.name}" was given ${show(shape)}; it takes [batch, channels] or [batch, height, width, channels].`,
      );
    }
    if (isShapeList(inputShape) && (inputShape.length > 2 || !sameShape(shape, inputShape[1] ?? shape))) {
      throw new LayersError(
        'shape-mismatch',
        `batchNorm "${this.name}" was given the shapes ${JSON.stringify(inputShape)}; a residual must have the shape of x.`,
      );
    }
    const weight = (name: string, value: number, trainable: boolean): LayerVariable =>
      this.addWeight(name, [channels], 'float32', initializers.constant({ value }), undefined, trainable);
    if (this.settings.affine) {
      this.gamma = weight('gamma', this.settings.initialGamma, true);
      this.beta = weight('beta', 0, true);
    }
    this.runningMean = weight('moving_mean', 0, false);
    this.runningVariance = weight('moving_variance', 1, false);
    super.build(inputShape);
  }

  override call(inputs: Inputs, kwargs: Record<string, unknown>): Tensor {
    const x = only(inputs);
    const residual = Array.isArray(inputs) ? inputs[1] : undefined;
    return tidy(() => (kwargs['training'] === true ? this.train(x, residual, viewsIn(kwargs)) : this.infer(x, residual)));
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    return onlyShape(inputShape);
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.settings };
  }

  private train(x: Tensor, residual: Tensor | undefined, views: number): Tensor {
    const { epsilon, momentum, relu: withRelu } = this.settings;
    if (!Number.isInteger(views) || views < 1 || x.shape[0]! % views !== 0) {
      throw new LayersError(
        'shape-mismatch',
        `batchNorm "${this.name}" was given [${x.shape.join(', ')}] as ${views} views; a batch holds a whole number of views, all of one size.`,
      );
    }
    const samples = x.size / x.shape.at(-1)! / views;
    if (samples < 2) {
      throw new LayersError(
        'batch-too-small',
        `batchNorm "${this.name}" has ${samples} value per channel in [${x.shape.join(', ')}]${views === 1 ? '' : ` of ${views} views`}; training needs at least 2, so give a larger batch or call with { training: false }.`,
      );
    }
    return batchNormTrain({
      x,
      epsilon,
      relu: withRelu,
      views,
      ...(this.gamma && this.beta ? { affine: { gamma: this.gamma.read() as Tensor1D, beta: this.beta.read() as Tensor1D } } : {}),
      ...(residual ? { residual } : {}),
      onStatistics: (batch) => moveStatistics({ mean: this.runningMean, variance: this.runningVariance }, batch, momentum, samples),
    });
  }

  private infer(x: Tensor, residual: Tensor | undefined): Tensor {
    const mean = this.runningMean.read() as Tensor1D;
    const variance = this.runningVariance.read() as Tensor1D;
    // Without both, the gradient of tfjs's kernel throws.
    const gamma = (this.gamma?.read() as Tensor1D | undefined) ?? onesLike(mean);
    const beta = (this.beta?.read() as Tensor1D | undefined) ?? zerosLike(mean);
    return batchNormInfer({ x, mean, variance, gamma, beta, residual, epsilon: this.settings.epsilon, relu: this.settings.relu });
  }
}
serialization.registerClass(BatchNorm);

function sameShape(a: BatchShape, b: BatchShape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/**
 * Batch normalisation over the last axis: y = relu?(γ·(x−μ)/√(σ²+ε) + β + residual).
 *
 * Takes `[batch, channels]` or `[batch, height, width, channels]`, or `[x, residual]` of one shape. With
 * `{ training: true }`, μ and σ² are those of the batch, and the running statistics move once per call:
 * running ← momentum·running + (1−momentum)·batch. With `{ training: true, views: n }` the batch holds n views of one size after each
 * other, and all of this is done for one view after the other. Otherwise the running statistics are used.
 *
 * Weights: `gamma`, `beta` (trainable, when affine), `moving_mean`, `moving_variance`.
 *
 * Deviation from Keras, as PyTorch has it: the running variance takes the unbiased batch variance n/(n−1)·σ², and
 * the defaults are momentum 0.9 and ε 1e-5 instead of 0.99 and 1e-3.
 *
 * @throws LayersError `batch-too-small` when a channel has a single value in training; `shape-mismatch` for other ranks; `invalid-option`
 * @see Ioffe and Szegedy 2015, https://arxiv.org/abs/1502.03167; torch.nn.BatchNorm2d
 */
export function batchNorm(options: BatchNormOptions = {}): layers.Layer {
  return new BatchNorm(options);
}
