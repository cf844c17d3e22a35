import { EvalError } from './error.ts';
import type { Features } from './features.ts';

/** A class per row, 0, 1, 2, …: `Uint8Array`, `Int32Array` or a plain array. */
export type ClassLabels = ArrayLike<number>;

/**
 * Throws unless there is one whole, non-negative label below `classes` per row.
 * @param name starts the message
 */
export function checkLabels(name: string, labels: ClassLabels, features: Features, classes: number = Infinity): void {
  if (labels.length !== features.rows) {
    throw new EvalError(
      'mismatch',
      `${name} has ${labels.length} labels for ${features.rows} rows of features; give one label per row.`,
    );
  }
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      const range = classes === Infinity ? 'of at least 0' : `from 0 to ${classes - 1}`;
      throw new EvalError('bad-option', `${name} holds ${label} at row ${row}; give whole numbers ${range}.`);
    }
  }
}

/** Throws unless train and test features have as many dimensions. */
export function checkSameDim(train: Features, test: Features, names: readonly [string, string] = ['train', 'test']): void {
  if (train.dim !== test.dim) {
    throw new EvalError(
      'mismatch',
      `${names[0]} has ${train.dim} dimensions but ${names[1]} has ${test.dim}; take both from the same encoder.`,
    );
  }
}

/** The share of rows whose prediction is their label, from 0 to 1. */
export function accuracyOf(predictions: ClassLabels, labels: ClassLabels): number {
  let right = 0;
  for (let row = 0; row < labels.length; row++) if (predictions[row] === labels[row]) right++;
  return right / labels.length;
}
