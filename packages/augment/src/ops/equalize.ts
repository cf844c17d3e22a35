import { toneByHistogram } from '../canvas/histogram.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';

export type EqualizeParams = Record<string, never>;

/** Values in order of size get ranks spread over 0–255, by how many samples are below them. */
function equalizing(histogram: Int32Array): Uint8Array | null {
  const last = histogram.findLastIndex((count) => count > 0);
  const total = histogram.reduce((sum, count) => sum + count, 0);
  const step = Math.floor((total - histogram[last]!) / 255);
  if (step === 0) return null;
  let rank = Math.floor(step / 2);
  return Uint8Array.from({ length: 256 }, (_, v) => {
    const value = Math.floor(rank / step);
    rank += histogram[v]!;
    return Math.min(255, value);
  });
}

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
      toneByHistogram(canvas, equalizing);
    },
  });
}
