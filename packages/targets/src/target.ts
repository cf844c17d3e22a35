import type { Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';

/** The part of `StepInfo` of `@selfsup/optim` that a target reads. */
export interface TargetStep {
  /** k: optimizer steps taken before the one in hand, so 0 in the loss and in the update of the first step. */
  readonly step: number;
  /** K: the number of optimizer steps of the whole training. */
  readonly totalSteps: number;
}

/** What a target strategy needs of the online network (f and projector, without predictor). */
export interface Network {
  /**
   * Images `[views · batch, height, width, channels]`, one view after the other → z `[views · batch, dim]`, batch normalisation
   * in training mode and each view by its own statistics.
   */
  readonly project: (images: Tensor4D, views: number) => Tensor2D;
  /** Trainable variables, in an order that is the same for every twin. */
  readonly parameters: readonly Variable[];
  /** Running statistics of batch normalisation, in the same fixed order. */
  readonly statistics: readonly Variable[];
  /** An independent network of the same architecture with fresh weights drawn from `seed`. */
  readonly twin: (seed: number) => Network;
  readonly dispose: () => void;
}

/** The running form of a strategy, bound to one online network. */
export interface Target {
  /**
   * What the predictions are compared with, `[views · batch, dim]`: behind a stop-gradient unless the strategy is the collapse ablation.
   * @param images the views `[views · batch, height, width, channels]`, one after the other
   * @param views how many
   * @param onlineProjection the online network's own z of these images `[views · batch, dim]`
   */
  readonly project: (images: Tensor4D, views: number, onlineProjection: Tensor2D) => Tensor2D;
  /** Called once after each optimizer step. Answers numbers worth logging (the momentum used). */
  readonly update: (at: TargetStep) => Readonly<Record<string, number>>;
  /** What a checkpoint must hold, in a fixed order. */
  readonly variables: readonly Variable[];
  readonly dispose: () => void;
}

/** A target strategy is a value: swap it, and BYOL becomes the fixed-random-target experiment. */
export interface TargetStrategy {
  readonly name: string;
  readonly init: (online: Network, seed: number) => Target;
}
