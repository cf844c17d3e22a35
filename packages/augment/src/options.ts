import { AugmentError } from './error.ts';

/** The two ends of an interval. */
export type Range = readonly [number, number];

/** Throws `invalid-option` unless `value` is in [0, 1]. */
export function checkProbability(value: number, owner: string): void {
  if (!(value >= 0 && value <= 1)) {
    throw new AugmentError('invalid-option', `${owner} was given the probability ${value}; give a number from 0 to 1.`);
  }
}

/** Throws `invalid-option` unless `minimum` ≤ low ≤ high ≤ `maximum`, all finite. */
export function checkRange([low, high]: Range, owner: string, minimum: number, maximum: number = Number.MAX_VALUE): void {
  if (!(low >= minimum && low <= high && high <= maximum)) {
    const limits = maximum === Number.MAX_VALUE ? `no lower than ${minimum}` : `within ${minimum} and ${maximum}`;
    throw new AugmentError('invalid-option', `${owner} was given [${low}, ${high}]; give [low, high], ${limits}.`);
  }
}
