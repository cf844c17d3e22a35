import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { checkProbability } from '../options.ts';

export interface RandomFlipOptions {
  readonly probability?: number;
  /** `horizontal` swaps left and right, `vertical` top and bottom. */
  readonly direction?: 'horizontal' | 'vertical';
}

export type FlipParams = Record<string, never>;

/**
 * Swaps left and right, or top and bottom, with the given probability.
 *
 * @throws AugmentError `invalid-option`
 * @see torchvision `RandomHorizontalFlip`, `RandomVerticalFlip`
 */
export function randomFlip({ probability = 0.5, direction = 'horizontal' }: RandomFlipOptions = {}): Op<FlipParams> {
  checkProbability(probability, 'randomFlip');
  return paintedOp<FlipParams>({
    name: 'randomFlip',
    options: { probability, direction },
    sample: (rng) => (rng.next() < probability ? {} : null),
    paint: (canvas) => {
      if (direction === 'vertical') canvas.turnOver();
      else canvas.mirror();
    },
  });
}
