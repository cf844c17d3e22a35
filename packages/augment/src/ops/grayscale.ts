import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';

export type GrayscaleParams = Record<string, never>;

/**
 * Replaces all three channels by .299·R + .587·G + .114·B. Always applies; wrap it in `withProbability`.
 *
 * @throws AugmentError `channel-mismatch` when the image does not have three channels.
 * @see torchvision `Grayscale(3)` on PIL images
 */
export function grayscale(): Op<GrayscaleParams> {
  return paintedOp<GrayscaleParams>({
    name: 'grayscale',
    options: {},
    needsChannels: 3,
    sample: () => ({}),
    paint: (canvas) => {
      canvas.grey();
    },
  });
}
