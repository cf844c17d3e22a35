import type { Tensor } from '@tensorflow/tfjs-core';
import { checkShape } from './buffers.ts';
import { OptimError } from './error.ts';
import type { Parameter } from './parameter.ts';
import type { Schedule, StepInfo } from './step-info.ts';

/** Settings of one parameter that differ from the optimizer's own. */
export interface GroupOptions {
  readonly learningRate?: number | Schedule;
  readonly weightDecay?: number | Schedule;
  /** Whether LARS scales this parameter's update by its trust ratio. Other optimizers ignore it. */
  readonly adapt?: boolean;
  /** A frozen parameter is left as it is, its momentum too. */
  readonly frozen?: boolean | ((at: StepInfo) => boolean);
}

/** What the optimizers have in common. */
export interface CommonOptions {
  readonly learningRate: number | Schedule;
  /** Default 0. */
  readonly weightDecay?: number | Schedule;
  /** Which parameters are left out of weight decay, and of LARS's adaptation. What `groups` says goes first. */
  readonly exclude?: (parameter: Parameter) => boolean;
  /** Settings of single parameters, by role, group or name. What it leaves out is as for all. */
  readonly groups?: (parameter: Parameter) => GroupOptions;
}

/** Leaves biases and batch normalisation out of weight decay and LARS adaptation, as most published recipes do. */
export function excludeBiasAndNorm(parameter: Parameter): boolean {
  return parameter.role !== 'weight';
}

/** Leaves nothing out: weight decay on all parameters, as SimSiam has it. */
export function excludeNone(): boolean {
  return false;
}

/** One parameter's share of an update, with every setting resolved for this step. */
export interface Update {
  readonly parameter: Parameter;
  readonly gradient: Tensor;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly adapt: boolean;
}

/** The parameters that this step updates: those that have a gradient and are not frozen. */
export function updatesOf(
  parameters: readonly Parameter[],
  gradients: ReadonlyMap<string, Tensor>,
  at: StepInfo,
  { learningRate, weightDecay = 0, exclude = excludeNone, groups = () => ({}) }: CommonOptions,
): readonly Update[] {
  return parameters.flatMap((parameter) => {
    const gradient = gradients.get(parameter.name);
    const group = groups(parameter);
    if (gradient === undefined || isFrozen(group, at)) return [];
    checkShape(`The gradient of "${parameter.name}"`, gradient, parameter.variable.shape);
    const excluded = exclude(parameter);
    return {
      parameter,
      gradient,
      learningRate: valueAt(group.learningRate ?? learningRate, at),
      weightDecay: valueAt(group.weightDecay ?? (excluded ? 0 : weightDecay), at),
      adapt: group.adapt ?? !excluded,
    };
  });
}

/** A number, or a schedule's value at a step. */
export function valueAt(value: number | Schedule, at: StepInfo): number {
  return typeof value === 'number' ? value : value(at);
}

/** @throws OptimError `invalid-option` unless `min` ≤ value < `below` */
export function checkOption(optimizer: string, name: string, value: number, min: number, below: number): void {
  if (value >= min && value < below) return;
  throw new OptimError(
    'invalid-option',
    `${optimizer} was given ${name} ${value}, but it must be at least ${min} and below ${below}.`,
  );
}

function isFrozen({ frozen = false }: GroupOptions, at: StepInfo): boolean {
  return typeof frozen === 'boolean' ? frozen : frozen(at);
}
