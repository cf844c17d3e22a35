import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { checkProbability } from '../options.ts';

export interface RandomFlipOptions {
  readonly probability?: number;
}

export type FlipParams = Record<string, never>;

/** Swaps left and right with the given probability. */
export function randomFlip({ probability = 0.5 }: RandomFlipOptions = {}): Op<FlipParams> {
  checkProbability(probability, 'randomFlip');
  return paintedOp<FlipParams>({
    name: 'randomFlip',
    options: { probability },
    sample: (rng) => (rng.next() < probability ? {} : null),
    paint: (canvas) => {
      canvas.mirrored = !canvas.mirrored;
    },
  });
}
