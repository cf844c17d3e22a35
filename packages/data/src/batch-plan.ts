import type { BatchRequest, BatchShare, EpochPart } from './batch-request.ts';
import { counted } from './counted.ts';
import { DataError } from './error.ts';
import type { ImageSource } from './image.ts';
import { epochOrder, indexedRequests } from './indexed-requests.ts';
import { checkSeed, checkWhole } from './random.ts';
import { checkRenderer } from './render-batch.ts';
import type { SkipOptions } from './skip.ts';
import { streamRequests } from './stream-requests.ts';
import { isStream, type StreamSource } from './stream.ts';
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
  /** Of a stream, how many images wait to be drawn from: the larger, the better mixed. Default 1000. */
  readonly shuffleBuffer?: number | undefined;
  /** Which of `worldSize` processes this is, from 0. Default 0. */
  readonly rank?: number | undefined;
  /**
   * How many processes share an epoch. In every step each gets `batchSize` other images. Of images by index they have together
   * the batch that one process would have with `batchSize · worldSize`; of a stream, which each goes through as a whole, it takes
   * every `worldSize`-th image. All take the same number of steps: what is left over at the end is too few for all. Give all the
   * same seed. Default 1.
   */
  readonly worldSize?: number | undefined;
  /**
   * Render into the arrays of earlier batches, which is faster for large views: a batch then holds only until the next one is asked
   * for. Default false: each batch has arrays of its own.
   */
  readonly reuse?: boolean | undefined;
}

/** The checked options, as what to render in each step. */
export interface BatchPlan {
  readonly stepsPerEpoch: number;
  /** The steps of an epoch from `fromStep` on. Throws unless both are whole numbers and `fromStep` is within the epoch. */
  readonly epoch: (epoch: number, fromStep: number) => AsyncIterable<BatchRequest>;
}

/** Throws a `DataError` unless `rank` is one of `worldSize`. */
function checkRank(rank: number, worldSize: number): void {
  checkWhole('worldSize', worldSize, 1);
  checkWhole('rank', rank, 0);
  if (rank >= worldSize) throw new DataError('bad-option', `rank is ${rank}; with a worldSize of ${worldSize} ranks are 0 to ${worldSize - 1}.`);
}

/** Steps of an epoch, the same for every rank. Throws a `DataError` when there is none. */
function countSteps(source: ImageSource | StreamSource, { batchSize, worldSize }: BatchShare, dropLast: boolean): number {
  const { name, length } = source;
  let count: number;
  if (isStream(source)) {
    // What every rank has.
    const own = Math.floor(length / worldSize);
    count = dropLast ? Math.floor(own / batchSize) : Math.ceil(own / batchSize);
  } else {
    const together = batchSize * worldSize;
    const whole = Math.floor(length / together);
    // A last step that would leave a rank without images is left out for all.
    count = !dropLast && length % together >= worldSize ? whole + 1 : whole;
  }
  if (count > 0) return count;
  const remedy = length === 0 ? 'give it images' : `use a batchSize of at most ${Math.floor(length / worldSize)}, or dropLast: false`;
  const ranks = worldSize > 1 ? ` on each of ${worldSize} ranks` : '';
  throw new DataError('bad-option', `${name} has ${counted(length, 'image')}, fewer than one batch of ${batchSize}${ranks}; ${remedy}.`);
}

/** Checks source, views and options against each other, and orders the epochs. */
export function batchPlan(source: ImageSource | StreamSource, views: Readonly<Record<string, ViewRenderer>>, options: BatchOptions): BatchPlan {
  const { batchSize, seed, dropLast = true, shuffle = true, shuffleBuffer = 1000, rank = 0, worldSize = 1 } = options;
  const names = Object.keys(views);
  if (names.length === 0) throw new DataError('bad-option', 'views is empty; give at least one named renderer.');
  checkWhole('batchSize', batchSize, 1);
  checkWhole('shuffleBuffer', shuffleBuffer, 1);
  checkSeed(seed);
  checkRank(rank, worldSize);
  for (const name of names) checkRenderer(source, views[name]!, `View "${name}"`);
  const share: BatchShare = { batchSize, rank, worldSize };
  const stepsPerEpoch = countSteps(source, share, dropLast);
  const epoch = (number: number, fromStep: number): AsyncIterable<BatchRequest> => {
    checkWhole('epoch', number, 0);
    checkWhole('fromStep', fromStep, 0);
    if (fromStep > stepsPerEpoch) {
      throw new DataError('bad-option', `fromStep is ${fromStep} but an epoch has ${stepsPerEpoch} steps; was the batch size changed?`);
    }
    const part: EpochPart = { epoch: number, from: fromStep, to: stepsPerEpoch };
    if (isStream(source)) return streamRequests(source, part, share, { seed, shuffleBuffer: shuffle ? shuffleBuffer : 1 });
    return indexedRequests(epochOrder(source, seed, number, shuffle), part, share);
  };
  return { stepsPerEpoch, epoch };
}

/** A record of one entry per name, in the order of `names`. */
export function byName<Name extends string, Value>(names: readonly Name[], values: readonly Value[]): Record<Name, Value> {
  return Object.fromEntries(names.map((name, at) => [name, values[at]])) as Record<Name, Value>;
}
