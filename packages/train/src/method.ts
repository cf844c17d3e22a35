import type { Scalar, Tensor4D } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Parameter, StepInfo } from '@selfsup/optim';
import type { NamedVariable } from './state.ts';

/** A batch as a method sees it: one tensor `[batch, height, width, channels]` per view, by the view's name. */
export type Views<Name extends string = string> = Readonly<Record<Name, Tensor4D>>;

/** What a method's loss answers: the scalar to minimise, and named scalars to log. */
export interface LossResult {
  readonly loss: Scalar;
  /** Logged as they are. They are never differentiated, so compute them from detached values where you can. */
  readonly metrics?: Readonly<Record<string, Scalar>>;
}

/**
 * A self-supervised method: it declares, the loop acts.
 *
 * The loop calls, per optimizer step: `loss` under a gradient tape, then the optimizer over `parameters`, then
 * `afterStep` once. It never asks which method it runs.
 */
export interface Method<Name extends string = string> {
  /** Short lower-case name, used in logs and folders: `byol`. */
  readonly name: string;
  /** The names of the views that `loss` reads. */
  readonly views: readonly Name[];
  /** f: what survives training. Nothing else is exported. */
  readonly encoder: LayersModel;
  /** Every trainable variable with its role and group; the optimizer decides by these, never by a variable's name. */
  readonly parameters: () => readonly Parameter[];
  /**
   * The loss of one batch. Pure, but for the running statistics of batch normalisation.
   *
   * `indices` says which images of the source the batch holds: for what a method keeps per image, such as a memory bank or,
   * in a supervised baseline, the labels that it was given.
   */
  readonly loss: (views: Views<Name>, at: StepInfo, indices: Int32Array) => LossResult;
  /** Called once after each optimizer step: moving averages, queues, centres. May answer numbers worth logging. */
  readonly afterStep?: (at: StepInfo) => Readonly<Record<string, number>> | void;
  /** What a checkpoint needs beyond the parameters: running statistics, target networks, queues. */
  readonly state: () => readonly NamedVariable[];
  /** Frees every variable that the method created. */
  readonly dispose: () => void;
}
