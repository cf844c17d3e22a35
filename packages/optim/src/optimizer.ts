import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Parameter } from './parameter.ts';
import type { StepInfo } from './step-info.ts';

/** What an update tells of itself. */
export interface UpdateInfo {
  /** The learning rate of this update, of the parameters to which no group gives one of their own. */
  readonly learningRate: number;
}

/** Updates parameters in place from their gradients, and keeps a state per parameter. */
export interface Optimizer {
  /** Short lower-case name for logs: `sgd`. */
  readonly name: string;
  /**
   * One update. A parameter without gradient is left untouched, its state too. Does not dispose the gradients.
   * @param gradients by `Parameter.name`
   * @throws OptimError `shape-mismatch` when a gradient or a restored state has another shape than its parameter
   */
  readonly step: (
    parameters: readonly Parameter[],
    gradients: ReadonlyMap<string, Tensor>,
    at: StepInfo,
  ) => UpdateInfo;
  /** What a checkpoint must hold (momentum buffers), under names made of `Parameter.name`. Empty before the first update. */
  readonly state: () => ReadonlyMap<string, Variable>;
  /** Replaces the whole state by copies of what `state` once answered. */
  readonly restore: (state: ReadonlyMap<string, Tensor>) => void;
  /** Frees the state. The parameters belong to their network. */
  readonly dispose: () => void;
}
