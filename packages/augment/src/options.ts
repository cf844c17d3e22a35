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

/** Throws `invalid-option` when there are options that `owner` does not know: of those that are sent to a thread no type is checked. */
export function refuseUnknown(unknown: object, owner: string): void {
  const names = Object.keys(unknown);
  if (names.length > 0) throw new AugmentError('invalid-option', `${owner} was given ${names.join(', ')}, which it does not know; see its options for the name that was meant.`);
}

/** One 8-bit value for all channels, or one per channel. */
export type Fill = number | readonly number[];

/** Throws `invalid-option` unless every value is from 0 to 255. */
export function checkFill(fill: Fill, owner: string): void {
  const values = typeof fill === 'number' ? [fill] : fill;
  if (values.length === 0 || !values.every((value) => value >= 0 && value <= 255)) {
    throw new AugmentError('invalid-option', `${owner} was given the fill [${values.join(', ')}]; give 8-bit values from 0 to 255.`);
  }
}

/** The fill of every channel; throws `channel-mismatch` when it was given for another number of channels. */
export function fillFor(fill: Fill, channels: number, owner: string): readonly number[] {
  if (typeof fill === 'number') return Array.from({ length: channels }, () => fill);
  if (fill.length === channels) return fill;
  throw new AugmentError('channel-mismatch', `${owner} has a fill of ${fill.length} channels but the image has ${channels}; give one value per channel, or one for all.`);
}

/** A number as the range that holds only it. */
export function asRange(value: number | Range): Range {
  return typeof value === 'object' ? value : [value, value];
}
