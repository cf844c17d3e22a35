import { DataError } from './error.ts';
import type { ImageSource } from './image.ts';
import { checkSeed, checkWhole, permutation } from './random.ts';
import { checkRenderer } from './render-batch.ts';
import type { SkipOptions } from './skip.ts';
import type { ViewRenderer } from './view.ts';

/** Which images make which batch, and what becomes of those that cannot be read: by default they are left out. */
export interface BatchOptions extends SkipOptions {
  readonly batchSize: number;
  /** Any whole number. Order and views follow from it. */
  readonly seed: number;
  /** Leave out the last batch of an epoch when it would be smaller. Default true. */
  readonly dropLast?: boolean | undefined;
  /** A new order each epoch. Default true; false keeps the source's order. */
  readonly shuffle?: boolean | undefined;
  /** Which of `worldSize` processes this is, from 0. Default 0. */
  readonly rank?: number | undefined;
  /**
   * How many processes share an epoch. In every step each gets `batchSize` other images, and together they have the batch
   * that one process would have with `batchSize · worldSize`. All take the same number of steps. Default 1.
   */
  readonly worldSize?: number | undefined;
}

/** Throws a `DataError` unless `rank` is one of `worldSize`. */
export function checkRank(rank: number, worldSize: number): void {
  checkWhole('worldSize', worldSize, 1);
  checkWhole('rank', rank, 0);
  if (rank >= worldSize) throw new DataError('bad-option', `rank is ${rank}; with a worldSize of ${worldSize} ranks are 0 to ${worldSize - 1}.`);
}

/** The checked options, as indices per step. */
export interface BatchPlan {
  readonly stepsPerEpoch: number;
  /** The indices of each step of an epoch. Throws unless both are whole numbers and `fromStep` is within the epoch. */
  readonly epoch: (epoch: number, fromStep: number) => (step: number) => Int32Array;
}

/** Checks source, views and options against each other, and orders the epochs. */
export function batchPlan(source: ImageSource, views: Readonly<Record<string, ViewRenderer>>, options: BatchOptions): BatchPlan {
  const { batchSize, seed, dropLast = true, shuffle = true, rank = 0, worldSize = 1 } = options;
  const names = Object.keys(views);
  if (names.length === 0) throw new DataError('bad-option', 'views is empty; give at least one named renderer.');
  checkWhole('batchSize', batchSize, 1);
  checkSeed(seed);
  checkRank(rank, worldSize);
  for (const name of names) checkRenderer(source, views[name]!, `View "${name}"`);
  const together = batchSize * worldSize;
  const whole = Math.floor(source.length / together);
  // A last step that would leave a rank without images is left out for all.
  const stepsPerEpoch = !dropLast && source.length % together >= worldSize ? whole + 1 : whole;
  if (stepsPerEpoch === 0) {
    const remedy = source.length === 0 ? 'give it images' : `use a batchSize of at most ${Math.floor(source.length / worldSize)}, or dropLast: false`;
    const ranks = worldSize > 1 ? ` on each of ${worldSize} ranks` : '';
    throw new DataError('bad-option', `${source.name} has ${source.length} image(s), fewer than one batch of ${batchSize}${ranks}; ${remedy}.`);
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
    return (step) => {
      const batch = order.slice(step * together, (step + 1) * together);
      return worldSize === 1 ? batch : batch.filter((_, position) => position % worldSize === rank);
    };
  };
  return { stepsPerEpoch, epoch };
}

/** A record of one entry per name, in the order of `names`. */
export function byName<Name extends string, Value>(names: readonly Name[], values: readonly Value[]): Record<Name, Value> {
  return Object.fromEntries(names.map((name, at) => [name, values[at]])) as Record<Name, Value>;
}
