import type { BatchShare } from './batch-request.ts';
import { DataError, reasonOf } from './error.ts';
import type { ImageSource } from './image.ts';
import type { RenderedBatch } from './render-batch.ts';
import { isStream, type StreamedImage, type StreamSource } from './stream.ts';

/** One image that was left out, and why. */
export interface SkippedImage {
  /** Of the image in its source. */
  readonly index: number;
  /** A sentence that names the file. */
  readonly reason: string;
  /** Of an encoded image of a stream, what that calls it: its index may be another in each epoch, and a decoder's words too. */
  readonly name?: string;
}

/** What was left out, once an epoch or a pass is over. */
export interface SkipReport {
  /** The name of the source. */
  readonly source: string;
  /** Images in the source. */
  readonly length: number;
  /** By index, each once. */
  readonly skipped: readonly SkippedImage[];
  /** All this in words, for a log. */
  readonly message: string;
}

/** What becomes of images that cannot be read: damaged files, that is, and no other error. */
export interface SkipOptions {
  /**
   * - `'skip'`: they are left out, and `indices` of a batch names those that are in it. More than 1 % of them is an error: of the
   *   images of the source, or of a stream those of an epoch. Each of several ranks counts what it was given so far, and stops as
   *   soon as chance alone no longer explains how many are bad
   * - `'fail'`: the first is an error
   */
  readonly onError?: 'fail' | 'skip' | undefined;
  /** Hears at the end of an epoch or a pass what was left out of it, if anything was. */
  readonly onSkipped?: ((report: SkipReport) => void) | undefined;
}

/** Counts what is left out, over all epochs. */
export interface SkipTally {
  readonly skip: boolean;
  /** A pass over the images: `add` throws a `DataError` when too many are bad, `end` makes the report. */
  readonly pass: () => { readonly add: (batch: Pick<RenderedBatch, 'indices' | 'skipped'>) => void; readonly end: () => void };
}

/** What a tally has to know beside that. */
type SkipTallyOptions = SkipOptions & { readonly [K in 'rank' | 'worldSize']?: BatchShare[K] | undefined };

/** The share of images above which skipping is no longer the answer. */
const LIMIT = 0.01;

/** How many files a message names. */
const NAMED = 20;

/** True for an image that cannot be decoded, by its code alone: the error may be that of a source of the user's own. */
export function isUnreadable(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'unreadable-image';
}

function list(reasons: readonly string[], count: number): string {
  const lines = reasons.slice(0, NAMED).map((reason) => `\n  ${reason}`);
  if (count > lines.length) lines.push(`\n  and ${count - lines.length} more`);
  return lines.join('');
}

/** Throws when more than 1 % of `length` things are bad. `subject` begins the sentence: "12 of 300 images of photos". */
export function checkShare(bad: number, length: number, subject: string, reasons: readonly string[]): void {
  if (bad > length * LIMIT) throw tooManyBad(bad, subject, reasons);
}

function tooManyBad(bad: number, subject: string, reasons: readonly string[]): DataError {
  const message = `${subject} cannot be used, more than ${LIMIT * 100} %; repair or remove them:${list(reasons, bad)}`;
  return new DataError('unreadable-image', message);
}

/** True unless the first image that cannot be read is an error. Throws a `DataError` for another word than the two. */
export function isSkipping({ onError }: SkipOptions, byDefault: 'fail' | 'skip'): boolean {
  const policy = onError ?? byDefault;
  if (policy === 'fail' || policy === 'skip') return policy === 'skip';
  throw new DataError('bad-option', `onError is ${JSON.stringify(policy)}; give 'fail' or 'skip'.`);
}

/** How many images a rank was given so far, each once, and at least its share of an epoch. */
function countGiven(source: ImageSource | StreamSource, worldSize: number): { readonly add: (index: number) => void; readonly count: () => number } {
  const share = Math.ceil(source.length / worldSize);
  // Each pass over a stream is counted by itself, and has one share.
  if (worldSize === 1 || isStream(source)) return { add: () => undefined, count: () => share };
  const given = new Uint8Array(source.length);
  let count = 0;
  const add = (index: number): void => {
    count += 1 - given[index]!;
    given[index] = 1;
  };
  return { add, count: () => Math.max(share, count) };
}

/**
 * The most images that may be bad of those that a rank was given: 1 % of them and three standard deviations more, for a set that one
 * process takes must not fail by how it was shared; and never more than 1 % of all.
 */
function mostBad(given: number, length: number): number {
  return Math.min(LIMIT * length, LIMIT * given + 3 * Math.sqrt(LIMIT * given));
}

/** Keeps the books of one user of `source`. */
export function skipTally(source: ImageSource | StreamSource, options: SkipTallyOptions, byDefault: 'fail' | 'skip'): SkipTally {
  const { onSkipped, rank = 0, worldSize = 1 } = options;
  const skip = isSkipping(options, byDefault);
  const { name, length } = source;
  const given = countGiven(source, worldSize);
  const ever = new Map<number, SkippedImage>();
  const pass: SkipTally['pass'] = () => {
    const now = new Map<number, SkippedImage>();
    // The place of an image in a stream may be another in each epoch: added up, the same few bad ones would become many.
    const counted = isStream(source) ? now : ever;
    const add: ReturnType<SkipTally['pass']>['add'] = ({ indices, skipped }) => {
      for (const index of indices) given.add(index);
      for (const image of skipped) {
        now.set(image.index, image);
        counted.set(image.index, image);
        given.add(image.index);
      }
      if (skipped.length === 0 || counted.size <= mostBad(given.count(), length)) return;
      const subject = `${counted.size} of the ${given.count()} images of ${name}${worldSize > 1 ? ` that rank ${rank} was given` : ''}`;
      throw tooManyBad(counted.size, subject, [...counted.values()].map(({ reason }) => reason));
    };
    const end = (): void => {
      if (now.size === 0 || !onSkipped) return;
      const all = [...now.values()].toSorted((a, b) => a.index - b.index);
      const named = list(all.map(({ reason }) => reason), all.length);
      onSkipped({ source: name, length, skipped: all, message: `${all.length} of the ${length} images of ${name} were left out:${named}` });
    };
    return { add, end };
  };
  return { skip, pass };
}

/** What was thrown as the entry of a report. */
export function skippedImage(index: number, thrown: unknown, image?: StreamedImage): SkippedImage {
  const named = image && 'encoded' in image ? { name: image.name } : {};
  return { index, reason: reasonOf(thrown), ...named };
}
