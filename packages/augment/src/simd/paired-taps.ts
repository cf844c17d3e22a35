import { resampleTaps } from '../canvas/filter.ts';
import type { Interpolation, Taps } from '../canvas/filter.ts';

/** Taps as `assembly/resample.ts` reads them. */
export interface PairedTaps {
  /** The first tap's position for every output, then for every output and pair the 16-bit weights [low, low′] and [high, high′]. */
  readonly words: Int32Array;
  readonly pairs: number;
}

/** Two 16-bit numbers in one word. */
const join = (first: number, second: number): number => (first & 0xffff) | (second << 16);

/** Splits weights into high · 2^15 + low, and fills up with taps of weight 0. */
function pair({ first, count, weights, span }: Taps): PairedTaps {
  const outputs = first.length;
  const pairs = Math.ceil(Math.max(...count) / 2);
  const words = new Int32Array(outputs * (1 + 2 * pairs));
  words.set(first);
  let to = outputs;
  for (let x = 0; x < outputs; x++) {
    for (let k = 0; k < 2 * pairs; k += 2) {
      const a = k < count[x]! ? weights[x * span + k]! : 0;
      const b = k + 1 < count[x]! ? weights[x * span + k + 1]! : 0;
      words[to++] = join(a & 0x7fff, b & 0x7fff);
      words[to++] = join(a >> 15, b >> 15);
    }
  }
  return { words, pairs };
}

const known = { bilinear: new Map<number, PairedTaps>(), bicubic: new Map<number, PairedTaps>() };

/** The paired form of `resampleTaps`, remembered likewise. */
export function pairedTaps(inSize: number, outSize: number, interpolation: Interpolation): PairedTaps {
  const cache = known[interpolation];
  const key = inSize * 0x10_0000 + outSize;
  const found = cache.get(key);
  if (found !== undefined) return found;
  const taps = pair(resampleTaps(inSize, outSize, interpolation));
  if (cache.size >= 512) cache.clear();
  cache.set(key, taps);
  return taps;
}
