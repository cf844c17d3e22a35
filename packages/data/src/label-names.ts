import { DataError } from './error.ts';
import type { ImageSource } from './image.ts';

/**
 * Labels as numbers. Names are numbered by `given`, or else by their order.
 *
 * @throws DataError `mismatch` when a label is no class, or when some are names and some numbers
 */
export function numberLabels(
  name: string,
  labels: readonly (number | string)[],
  given: readonly string[] | null,
): Pick<ImageSource, 'labels' | 'classes'> {
  const names = labels.filter((label) => typeof label === 'string');
  if (names.length === 0) {
    const numbers = Int32Array.from(labels as readonly number[]);
    const strange = given ? numbers.findIndex((label) => label >= given.length) : -1;
    if (strange < 0) return { labels: numbers, classes: given };
    throw new DataError('mismatch', `${name} has the label ${numbers[strange]} at index ${strange}; its ${given!.length} classes are 0 to ${given!.length - 1}.`);
  }
  if (names.length < labels.length) {
    throw new DataError('mismatch', `${name} has labels by name ("${names[0]}") and by number; use one kind for all.`);
  }
  const classes = given ?? [...new Set(names)].toSorted((a, b) => (a < b ? -1 : 1));
  const numbers = new Map(classes.map((label, number) => [label, number]));
  const unknown = names.find((label) => !numbers.has(label));
  if (unknown !== undefined) {
    throw new DataError('mismatch', `${name} has the class "${unknown}", which is not one of: ${classes.join(', ')}.`);
  }
  return { labels: Int32Array.from(names, (label) => numbers.get(label)!), classes };
}
