import { dispose } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Optimizer, StepInfo } from '@selfsup/optim';
import { lossAndGradients } from '@selfsup/train';
import type { Method, NamedVariable, Views } from '@selfsup/train';
import type { ConformanceOptions } from './conformance.ts';
import { noiseViews } from './noise-views.ts';

/** Makes a new, independent method from a seed. */
export type Build<Name extends string> = (seed: number) => Method<Name>;

export type ViewShape = readonly [batch: number, height: number, width: number, channels: number];

export function viewShape({ inputShape, batchSize = 8 }: ConformanceOptions, batch: number = batchSize): ViewShape {
  return [batch, ...inputShape];
}

export function stepInfo(step: number, batchSize: number): StepInfo {
  return { step, totalSteps: 10, epoch: 0, stepsPerEpoch: 10, batchSize };
}

/** The images of a batch that is made of noise: 0, 1, 2, … */
export function firstIndices(batch: number): Int32Array {
  return Int32Array.from({ length: batch }, (_, index) => index);
}

/** Builds a method, uses it and disposes it, whatever happens. */
export async function withMethod<Name extends string, T>(
  build: Build<Name>,
  seed: number,
  use: (method: Method<Name>) => Promise<T>,
): Promise<T> {
  const method = build(seed);
  try {
    return await use(method);
  } finally {
    method.dispose();
  }
}

/** The value of every variable, by name. */
export async function valuesOf(variables: readonly NamedVariable[]): Promise<ReadonlyMap<string, readonly number[]>> {
  const values = new Map<string, readonly number[]>();
  for (const { name, variable } of variables) values.set(name, Array.from(await variable.data()));
  return values;
}

/** The names of what has other bits than before. */
export function changed(before: ReadonlyMap<string, readonly number[]>, after: ReadonlyMap<string, readonly number[]>): readonly string[] {
  return [...before].filter(([name, values]) => !sameBits(values, after.get(name))).map(([name]) => name);
}

export function sameBits(a: readonly number[], b: readonly number[] | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}

/** One evaluation of loss and gradients, as plain numbers. */
export interface Evaluation {
  readonly loss: readonly number[];
  readonly metrics: Readonly<Record<string, readonly number[]>>;
  readonly gradients: ReadonlyMap<string, readonly number[]>;
}

/** The loss on noise drawn from the seed. */
export async function evaluate<Name extends string>(
  method: Method<Name>,
  options: ConformanceOptions,
  seed: number,
  batchSize?: number,
): Promise<Evaluation> {
  return evaluateOn(method, noiseViews(method.views, viewShape(options, batchSize), seed));
}

/** The loss on these views, which are disposed. */
export async function evaluateOn<Name extends string>(method: Method<Name>, views: Views<Name>): Promise<Evaluation> {
  const batch = views[method.views[0]!].shape[0];
  const { loss, metrics, gradients } = lossAndGradients(method, views, stepInfo(0, batch), firstIndices(batch));
  const result = {
    loss: Array.from(await loss.data()),
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, Array.from(metric.dataSync())])),
    gradients: new Map([...gradients].map(([name, gradient]) => [name, Array.from(gradient.dataSync())])),
  };
  dispose([loss, ...Object.values(metrics), ...gradients.values(), ...Object.values<Tensor>(views)]);
  return result;
}

export async function takeStep<Name extends string>(
  method: Method<Name>,
  optimizer: Optimizer,
  options: ConformanceOptions,
  index: number,
  afterStep = true,
): Promise<void> {
  const shape = viewShape(options);
  const views = noiseViews(method.views, shape, index + 3);
  const at = stepInfo(index, shape[0]);
  const { loss, metrics, gradients } = lossAndGradients(method, views, at, firstIndices(shape[0]));
  optimizer.step(method.parameters(), gradients, at);
  if (afterStep) method.afterStep?.(at);
  dispose([loss, ...Object.values(metrics), ...gradients.values(), ...Object.values<Tensor>(views)]);
}

export async function nextLosses<Name extends string>(
  method: Method<Name>,
  optimizer: Optimizer,
  options: ConformanceOptions,
): Promise<readonly number[]> {
  const losses: number[] = [];
  for (let i = 2; i < 4; i++) {
    losses.push(...(await evaluate(method, options, i + 3)).loss);
    await takeStep(method, optimizer, options, i);
  }
  return losses;
}
