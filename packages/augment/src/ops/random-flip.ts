import type { Canvas } from '../canvas/canvas.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { checkProbability } from '../options.ts';

export interface RandomFlipOptions {
  readonly probability?: number;
  /** `horizontal` swaps left and right, `vertical` top and bottom. */
  readonly direction?: 'horizontal' | 'vertical';
}

export type FlipParams = Record<string, never>;

function swapRows(canvas: Canvas): void {
  canvas.settle();
  const { data, height, width, channels } = canvas;
  const stride = width * channels;
  const target = canvas.scratch(height * stride);
  for (let y = 0; y < height; y++) target.set(data.subarray(y * stride, (y + 1) * stride), (height - 1 - y) * stride);
  canvas.replace(target, height, width);
}

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
      if (direction === 'vertical') swapRows(canvas);
      else canvas.mirrored = !canvas.mirrored;
    },
  });
}
