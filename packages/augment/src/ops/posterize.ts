import { AugmentError } from '../error.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { asRange } from '../options.ts';
import type { Range } from '../options.ts';

export interface PosterizeOptions {
  /** How many bits each sample keeps, 0–8; of a range one number is drawn. */
  readonly bits: number | Range;
}

export type PosterizeParams = { readonly bits: number };

/**
 * Keeps the upper bits of every sample. Always applies; wrap it in `withProbability`.
 *
 * @throws AugmentError `invalid-option`
 * @see torchvision `RandomPosterize` on PIL images
 */
export function posterize({ bits }: PosterizeOptions): Op<PosterizeParams> {
  const [low, high] = asRange(bits);
  if (![low, high].every(Number.isInteger) || low < 0 || low > high || high > 8) {
    throw new AugmentError('invalid-option', `posterize was given [${low}, ${high}] bits; give whole numbers from 0 to 8.`);
  }
  return paintedOp<PosterizeParams>({
    name: 'posterize',
    options: { bits },
    sample: (rng) => ({ bits: low + rng.integer(high - low + 1) }),
    paint: (canvas, params) => {
      const mask = 256 - 2 ** (8 - params.bits);
      canvas.tone(Uint8Array.from({ length: 256 }, (_, v) => v & mask));
    },
  });
}
