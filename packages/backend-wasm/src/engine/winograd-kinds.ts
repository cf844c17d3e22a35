import { divideUp, roundUp } from './blocks.ts';
import type { ConvShape } from './conv-shape.ts';

// What the correlations (winograd.ts) and the filter gradients (winograd-grad.ts) of Winograd's algorithm for 3×3 filters share; see
// assembly/winograd-kinds.ts.

export const tablesBytes: number = 10432; // what every thread's scratch begins with (ZEROS in assembly/winograd-patch.ts)
/** Bytes between the points of anything, which lie one after the other, so that they do not all fall on the same lines of the cache. */
export const stagger: number = 64;

/** Evens out blocks of at most `most` items, so that each of `parts` gets equally many; in multiples of `unit`. */
export function evenBlock(items: number, most: number, parts: number, unit: number): number {
  const blocks = roundUp(divideUp(items, most), parts);
  return roundUp(divideUp(items, blocks), unit);
}

export interface Sizes {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** As in assembly/winograd-kinds.ts: points, transforms of the filter, and the target tile's sides; and the most products in one sum. */
export interface Kind {
  readonly id: number;
  readonly points: number;
  readonly filters: number;
  readonly high: number;
  readonly wide: number;
  readonly span: number;
}

export const kinds: Readonly<Record<'dense' | 'strided' | 'spread' | 'wide' | 'large', Kind>> = {
  dense: { id: 0, points: 36, filters: 36, high: 4, wide: 4, span: Infinity },
  strided: { id: 1, points: 81, filters: 36, high: 4, wide: 4, span: Infinity },
  spread: { id: 2, points: 81, filters: 36, high: 8, wide: 8, span: Infinity },
  wide: { id: 3, points: 60, filters: 60, high: 4, wide: 8, span: Infinity },
  large: { id: 4, points: 100, filters: 100, high: 8, wide: 8, span: 64 },
};

export interface LargeTiles {
  readonly leastChannels: number;
  readonly mostChannels: number;
  readonly leastTiles: number;
}

/**
 * The kind for stride 1. Wide tiles save a sixth of the products of a width that 8 divides, and err twice as much; large ones save another
 * sixth, and err three times as much again. With very many channels the error would grow past what is promised.
 */
export function denseKind(batch: number, { height, width, channels }: Sizes, otherChannels: number, large: LargeTiles): Kind {
  const [fewest, most] = [Math.min(channels, otherChannels), Math.max(channels, otherChannels)];
  const tiles = (kind: Kind): number => batch * divideUp(height, kind.high) * divideUp(width, kind.wide);
  const saves = (kind: Kind, instead: Kind): boolean => kind.points * tiles(kind) <= leastSaving * instead.points * tiles(instead);
  const smaller = fewest >= leastWide && most <= mostWide && saves(kinds.wide, kinds.dense) ? kinds.wide : kinds.dense;
  const suits = fewest >= large.leastChannels && most <= large.mostChannels && tiles(kinds.large) >= large.leastTiles;
  return suits && saves(kinds.large, smaller) ? kinds.large : smaller;
}
const leastWide = 32; // with fewer channels, their transforms cost more than they save
const mostWide = 256;
const leastSaving = 0.85;

export const input = (s: ConvShape): Sizes => ({ height: s.inHeight, width: s.inWidth, channels: s.inChannels });
export const output = (s: ConvShape): Sizes => ({ height: s.outHeight, width: s.outWidth, channels: s.outChannels });
