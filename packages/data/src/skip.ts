import { DataError, reasonOf } from './error.ts';

/** One image that was left out, and why. */
export interface SkippedImage {
  /** Of the image in its source. */
  readonly index: number;
  /** A sentence that names the file. */
  readonly reason: string;
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
   * - `'skip'`: they are left out, and `indices` of a batch names those that are in it. More than 1 % of them is an error
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
  readonly pass: () => { readonly add: (skipped: readonly SkippedImage[]) => void; readonly end: () => void };
}

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
  if (bad <= length * LIMIT) return;
  const message = `${subject} cannot be used, more than ${LIMIT * 100} %; repair or remove them:${list(reasons, bad)}`;
  throw new DataError('unreadable-image', message);
}

/** Keeps the books of one user of `source`. */
export function skipTally(source: { readonly name: string; readonly length: number }, options: SkipOptions, byDefault: 'fail' | 'skip'): SkipTally {
  const { onError = byDefault, onSkipped } = options;
  if (onError !== 'fail' && onError !== 'skip') {
    throw new DataError('bad-option', `onError is ${JSON.stringify(onError)}; give 'fail' or 'skip'.`);
  }
  const { name, length } = source;
  const ever = new Map<number, SkippedImage>();
  const pass: SkipTally['pass'] = () => {
    const now = new Map<number, SkippedImage>();
    const add = (skipped: readonly SkippedImage[]): void => {
      for (const image of skipped) {
        now.set(image.index, image);
        ever.set(image.index, image);
      }
      if (skipped.length > 0) checkShare(ever.size, length, `${ever.size} of the ${length} images of ${name}`, [...ever.values()].map(({ reason }) => reason));
    };
    const end = (): void => {
      if (now.size === 0 || !onSkipped) return;
      const all = [...now.values()].toSorted((a, b) => a.index - b.index);
      const named = list(all.map(({ reason }) => reason), all.length);
      onSkipped({ source: name, length, skipped: all, message: `${all.length} of the ${length} images of ${name} were left out:${named}` });
    };
    return { add, end };
  };
  return { skip: onError === 'skip', pass };
}

/** What was thrown as the entry of a report. */
export function skippedImage(index: number, thrown: unknown): SkippedImage {
  return { index, reason: reasonOf(thrown) };
}
