import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';

export type AutocontrastParams = Record<string, never>;

/**
 * Makes every channel's darkest sample 0 and its brightest 255. Always applies; wrap it in `withProbability`.
 *
 * @see torchvision `RandomAutocontrast` on PIL images
 */
export function autocontrast(): Op<AutocontrastParams> {
  return paintedOp<AutocontrastParams>({
    name: 'autocontrast',
    options: {},
    sample: () => ({}),
    paint: (canvas) => {
      canvas.toneByHistogram('autocontrast');
    },
  });
}
