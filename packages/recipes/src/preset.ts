import type { ViewPipeline } from '@selfsup/augment';
import type { NetSpec } from '@selfsup/layers';
import type { Optimizer } from '@selfsup/optim';
import type { Method } from '@selfsup/train';

/** What a method needs to know of the images and the run before it can be built. */
export interface MethodInput {
  /** f: maps `[height, width, channels]` to features. */
  readonly encoder: NetSpec;
  readonly inputShape: readonly [number, number, number];
  /** Draws every initial weight. */
  readonly seed: number;
}

/** A published (or our own, then `source` says so) set of hyper-parameters of one method. */
export interface Preset<View extends string = 'a' | 'b'> {
  readonly name: string;
  /** Where the numbers come from. */
  readonly source: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly method: (input: MethodInput) => Method<View>;
  readonly views: (image: { readonly size: number; readonly channels: number }) => Readonly<Record<View, ViewPipeline>>;
  readonly optimizer: (run: { readonly batchSize: number }) => Optimizer;
}
