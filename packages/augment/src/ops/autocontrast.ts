import { toneByHistogram } from '../canvas/histogram.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';

export type AutocontrastParams = Record<string, never>;

/** Stretches the range that is used to 0–255. */
function stretching(histogram: Int32Array): Uint8Array | null {
  const low = histogram.findIndex((count) => count > 0);
  const high = histogram.findLastIndex((count) => count > 0);
  if (high <= low) return null;
  const scale = 255 / (high - low);
  const offset = -low * scale;
  return Uint8Array.from({ length: 256 }, (_, v) => Math.max(0, Math.min(255, Math.trunc(v * scale + offset))));
}

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
      toneByHistogram(canvas, stretching);
    },
  });
}
