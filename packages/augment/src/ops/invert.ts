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
      for (let v = 0; v < 256; v++) canvas.curve[v] = 255 - v;
      canvas.tone(canvas.curve);
    },
  });
}
