import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';

export type InvertParams = Record<string, never>;

/** v ← 255 − v. Always applies; wrap it in `withProbability`. */
export function invert(): Op<InvertParams> {
  return paintedOp<InvertParams>({
    name: 'invert',
    options: {},
    sample: () => ({}),
    paint: (canvas) => {
      canvas.tone(Uint8Array.from({ length: 256 }, (_, v) => 255 - v));
    },
  });
}
