/**
 * Where in a training a value is asked for.
 *
 * `step` counts optimizer steps already taken: it is 0 in the loss, the update and the `afterStep` of the first step, and
 * `totalSteps` − 1 in those of the last.
 */
export interface StepInfo {
  readonly step: number;
  /** K: the number of optimizer steps of the whole training. */
  readonly totalSteps: number;
  /** The epoch of this step, from 0. */
  readonly epoch: number;
  readonly stepsPerEpoch: number;
  readonly batchSize: number;
}

/** A number that changes over training: learning rate, target momentum, temperature, weight decay alike. */
export type Schedule = (at: StepInfo) => number;
