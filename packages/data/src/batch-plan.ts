import { DataError } from './error.ts';
import type { ImageSource } from './image.ts';
import { checkSeed, checkWhole, permutation } from './random.ts';
import { checkRenderer } from './render-batch.ts';
import type { ViewRenderer } from './view.ts';

/** Which images make which batch. */
export interface BatchOptions {
  readonly batchSize: number;
  /** Any whole number. Order and views follow from it. */
  readonly seed: number;
  /** Leave out the last batch of an epoch when it would be smaller. Default true. */
  readonly dropLast?: boolean | undefined;
  /** A new order each epoch. Default true; false keeps the source's order. */
  readonly shuffle?: boolean | undefined;
}

/** The checked options, as indices per step. */
export interface BatchPlan {
  readonly stepsPerEpoch: number;
  /** The indices of each step of an epoch. Throws unless both are whole numbers and `fromStep` is within the epoch. */
  readonly epoch: (epoch: number, fromStep: number) => (step: number) => Int32Array;
}

/** Checks source, views and options against each other, and orders the epochs. */
export function batchPlan(source: ImageSource, views: Readonly<Record<string, ViewRenderer>>, options: BatchOptions): BatchPlan {
  const { batchSize, seed, dropLast = true, shuffle = true } = options;
  const names = Object.keys(views);
  if (names.length === 0) throw new DataError('bad-option', 'views is empty; give at least one named renderer.');
  checkWhole('batchSize', batchSize, 1);
  checkSeed(seed);
  for (const name of names) checkRenderer(source, views[name]!, `View "${name}"`);
  const stepsPerEpoch = dropLast ? Math.floor(source.length / batchSize) : Math.ceil(source.length / batchSize);
  if (stepsPerEpoch === 0) {
    const remedy = source.length === 0 ? 'give it images' : `use a batchSize of at most ${source.length}, or dropLast: false`;
    throw new DataError('bad-option', `${source.name} has ${source.length} image(s), fewer than one batch of ${batchSize}; ${remedy}.`);
  }
  const epoch = (number: number, fromStep: number): ((step: number) => Int32Array) => {
    checkWhole('epoch', number, 0);
    checkWhole('fromStep', fromStep, 0);
    if (fromStep > stepsPerEpoch) {
      throw new DataError('bad-option', `fromStep is ${fromStep} but an epoch has ${stepsPerEpoch} steps; was the batch size changed?`);
    }
    const order = shuffle
      ? new Int32Array(permutation(source.length, [seed, number]))
      : Int32Array.from({ length: source.length }, (_, index) => index);
    return (step) => order.slice(step * batchSize, (step + 1) * batchSize);
  };
  return { stepsPerEpoch, epoch };
}

/** A record of one entry per name, in the order of `names`. */
export function byName<Name extends string, Value>(names: readonly Name[], values: readonly Value[]): Record<Name, Value> {
  return Object.fromEntries(names.map((name, at) => [name, values[at]])) as Record<Name, Value>;
}
