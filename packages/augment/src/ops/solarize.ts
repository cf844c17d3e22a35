import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { checkRange } from '../options.ts';

export interface SolarizeOptions {
  /** In 0–1 of full scale: samples at or above it are inverted. */
  readonly threshold?: number;
}

export type SolarizeParams = { readonly threshold: number };

/**
 * Inverts the bright samples. Always applies; wrap it in `withProbability`.
 *
 * @throws AugmentError `invalid-option`
 * @see torchvision `solarize` on PIL images, whose threshold 128 is .5 here
 */
export function solarize({ threshold = 0.5 }: SolarizeOptions = {}): Op<SolarizeParams> {
  checkRange([threshold, threshold], 'solarize threshold', 0, 1);
  return paintedOp<SolarizeParams>({
    name: 'solarize',
    options: { threshold },
    sample: () => ({ threshold }),
    paint: (canvas, params) => {
      const limit = params.threshold * 255;
      canvas.tone(Uint8Array.from({ length: 256 }, (_, v) => (v < limit ? v : 255 - v)));
    },
  });
}
