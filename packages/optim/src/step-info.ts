/** Where in a training a value is asked for. `step` counts optimizer steps already taken, from 0. */
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
