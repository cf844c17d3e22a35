import type { ViewPipeline } from '@selfsup/augment';
import type { NetSpec } from '@selfsup/layers';
import type { Optimizer } from '@selfsup/optim';
import type { Method } from '@selfsup/train';

/** The labels of the images that a training reads. */
export interface Labels {
  /** By the image's index in its source: whole numbers from 0 to `classes` − 1. */
  readonly values: ArrayLike<number>;
  readonly classes: number;
}

/** What a method needs to know of the images and the run before it can be built. */
export interface MethodInput {
  /** f: maps `[height, width, channels]` to features. */
  readonly encoder: NetSpec;
  readonly inputShape: readonly [number, number, number];
  /** Draws every initial weight. */
  readonly seed: number;
  /** Given to a method only when its preset says `learnsFromLabels`. */
  readonly labels?: Labels;
}

/** What a preset's optimizer depends on. */
export interface OptimizerInput {
  readonly batchSize: number;
  /** After the warm-up, in place of the preset's own rate; it is not scaled by the batch size. What the schedule does to it stays. */
  readonly learningRate?: number;
}

/** A published (or our own, then `source` says so) set of hyper-parameters of one method. */
export interface Preset<View extends string = 'a' | 'b'> {
  readonly name: string;
  /** Where the numbers come from. */
  readonly source: string;
  readonly epochs: number;
  readonly batchSize: number;
  /** True for supervised baselines. All other methods never get to see a label. */
  readonly learnsFromLabels?: true;
  readonly method: (input: MethodInput) => Method<View>;
  readonly views: (image: { readonly size: number; readonly channels: number }) => Readonly<Record<View, ViewPipeline>>;
  readonly optimizer: (run: OptimizerInput) => Optimizer;
}
