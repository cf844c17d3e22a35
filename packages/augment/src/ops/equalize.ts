import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';

export type EqualizeParams = Record<string, never>;

/**
 * Spreads the values of every channel evenly. Always applies; wrap it in `withProbability`. Channels with little more than one value stay.
 *
 * @see torchvision `RandomEqualize` on PIL images
 */
export function equalize(): Op<EqualizeParams> {
  return paintedOp<EqualizeParams>({
    name: 'equalize',
    options: {},
    sample: () => ({}),
    paint: (canvas) => {
      canvas.toneByHistogram('equalize');
    },
  });
}
