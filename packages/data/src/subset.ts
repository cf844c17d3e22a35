import { DataError } from './error.ts';
import { checkIndex } from './array-source.ts';
import type { Image, ImageSource } from './image.ts';
import type { SourceOrigin } from './origin.ts';
import { checkSeed, checkWhole, permutation } from './random.ts';

/** The runs of `source` that are left of it at `indices`; none when they are not in its order. */
function runsOf({ runs }: ImageSource, indices: Uint32Array): ImageSource['runs'] {
  if (!runs) return undefined;
  const starts: number[] = [];
  let run = -1;
  for (let at = 0; at < indices.length; at++) {
    if (at > 0 && indices[at]! <= indices[at - 1]!) return undefined;
    const before = run;
    while (run + 1 < runs.starts.length && runs.starts[run + 1]! <= indices[at]!) run++;
    if (run !== before) starts.push(at);
  }
  return { starts: Uint32Array.from(starts), together: runs.together };
}

/**
 * The images of `source` at `indices`, in that order, with their labels. Image i of the subset is `indices[i]` of the source.
 *
 * @throws DataError `out-of-range` when an index is not in the source, `bad-option` when there is none
 */
export function subset(source: ImageSource, indices: ArrayLike<number>): ImageSource {
  const { channels, size, classes } = source;
  const length = indices.length;
  if (length === 0) throw new DataError('bad-option', `A subset of ${source.name} has no indices; give at least one.`);
  const chosen = new Uint32Array(length);
  for (let at = 0; at < length; at++) {
    checkIndex(source.name, indices[at]!, source.length);
    chosen[at] = indices[at]!;
  }
  const name = `${source.name} (${length} of ${source.length})`;
  const read = (index: number): Image | Promise<Image> => {
    checkIndex(name, index, length);
    return source.read(chosen[index]!);
  };
  const labels = source.labels?.slice(0, length) ?? null;
  if (labels && source.labels) for (let at = 0; at < length; at++) labels[at] = source.labels[chosen[at]!]!;
  const of = source.read.origin;
  const origin: SourceOrigin | undefined = of && { kind: 'subset', of, indices: chosen };
  return { name, length, channels, size, read: Object.assign(read, { origin }), labels, classes, runs: runsOf(source, chosen) };
}

/**
 * The first `count` images of `source`, or all when it has fewer.
 *
 * @throws DataError `bad-option` unless `count` is a whole number of at least 1
 */
export function take(source: ImageSource, count: number): ImageSource {
  checkWhole('count', count, 1);
  if (count >= source.length) return source;
  return subset(source, Uint32Array.from({ length: count }, (_, index) => index));
}

/**
 * The images of some classes, in their original order with their original labels.
 *
 * @param wanted labels, or names of classes
 * @throws DataError `bad-option` without labels, for a class that is not there, or when none has an image
 */
export function ofClasses(source: ImageSource, wanted: readonly (number | string)[]): ImageSource {
  const { name, labels, classes } = source;
  if (!labels) throw new DataError('bad-option', `${name} has no labels, so it has no classes to choose from; choose images by index.`);
  const chosen = new Set<number>();
  for (const each of wanted) {
    const label = typeof each === 'number' ? each : (classes?.indexOf(each) ?? -1);
    if (!labels.includes(label)) {
      const known = classes ? classes.join(', ') : [...new Set(labels)].toSorted((a, b) => a - b).join(', ');
      throw new DataError('bad-option', `${name} has no images of the class ${JSON.stringify(each)}; its classes are ${known}.`);
    }
    chosen.add(label);
  }
  const indices: number[] = [];
  for (let index = 0; index < labels.length; index++) if (chosen.has(labels[index]!)) indices.push(index);
  return subset(source, indices);
}

/** Keeps these draws apart from the epoch orders of the same seed. */
const FRACTION = 0x66726163;

/**
 * A random share of `source` in its original order: of each class round(share · its images), but at least one, so that
 * the classes keep their balance; of a source without labels round(share · length). With one seed a smaller share is part of
 * a larger one, as in evaluations on 1 % and 10 % of the labels.
 *
 * @param share above 0, at most 1
 * @throws DataError `bad-option` on another share or a seed that is no whole number
 */
export function fraction(source: ImageSource, share: number, seed: number): ImageSource {
  if (!(share > 0 && share <= 1)) {
    throw new DataError('bad-option', `share is ${share}; give a number above 0 and at most 1, such as 0.1.`);
  }
  checkSeed(seed);
  const members = new Map<number, number[]>();
  for (let index = 0; index < source.length; index++) {
    const label = source.labels?.[index] ?? 0;
    const known = members.get(label);
    if (known) known.push(index);
    else members.set(label, [index]);
  }
  const chosen: number[] = [];
  for (const [label, indices] of members) {
    const count = Math.max(1, Math.round(share * indices.length));
    for (const at of permutation(indices.length, [seed, label, FRACTION]).subarray(0, count)) chosen.push(indices[at]!);
  }
  return subset(source, chosen.toSorted((a, b) => a - b));
}
