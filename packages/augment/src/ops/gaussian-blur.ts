import { AugmentError } from '../error.ts';
import { paintedOp } from '../op.ts';
import type { Op } from '../op.ts';
import { checkRange } from '../options.ts';
import type { Range } from '../options.ts';

export interface GaussianBlurOptions {
  /** σ in pixels, drawn uniformly; one number fixes it. */
  readonly sigma?: number | Range;
  /** Side of the kernel in pixels, odd. By default about a tenth of the image's height: 2·⌊height/20⌋ + 1. */
  readonly kernelSize?: number;
}

export type GaussianBlurParams = { readonly sigma: number; readonly kernelSize: number };

/** exp(−x²/2σ²) at 0 … radius, normalised over −radius … radius to 2^15; far ends that round to nothing are left off. */
function gaussianWeights(sigma: number, radius: number): Int32Array {
  const values = Array.from({ length: radius + 1 }, (_, x) => Math.exp(-0.5 * (x / sigma) ** 2));
  const total = values.reduce((sum, value, x) => sum + (x === 0 ? value : 2 * value), 0);
  const weights = values.map((value) => Math.round((value / total) * (1 << 15)));
  const used = weights.findLastIndex((weight) => weight > 0) + 1;
  // The centre absorbs the rounding, so that a flat image stays exactly flat.
  weights[0] = (1 << 15) - 2 * weights.slice(1).reduce((sum, weight) => sum + weight, 0);
  return Int32Array.from(weights.slice(0, used));
}

/**
 * Gaussian blur. σ is what varies; the kernel's size only cuts the bell off. Always applies; wrap it in `withProbability`.
 *
 * Borders are mirrored, as torchvision's `gaussian_blur` does; BYOL's own code pads with black, and SimSiam's blurs with
 * Pillow, which approximates the same bell by boxes and has no kernel size.
 * @throws AugmentError `invalid-option`
 */
export function gaussianBlur({ sigma = [0.1, 2], kernelSize }: GaussianBlurOptions = {}): Op<GaussianBlurParams> {
  const range: Range = typeof sigma === 'number' ? [sigma, sigma] : sigma;
  checkRange(range, 'gaussianBlur sigma', Number.MIN_VALUE);
  if (kernelSize !== undefined && !(Number.isInteger(kernelSize) && kernelSize % 2 === 1 && kernelSize > 0)) {
    throw new AugmentError('invalid-option', `gaussianBlur was given the kernel size ${kernelSize}; give an odd number of pixels.`);
  }
  return paintedOp<GaussianBlurParams>({
    name: 'gaussianBlur',
    options: { sigma: range, kernelSize: kernelSize ?? null },
    sample: (rng, { height }) => ({
      sigma: rng.uniform(range[0], range[1]),
      kernelSize: kernelSize ?? 2 * Math.floor(height / 20) + 1,
    }),
    paint: (canvas, params) => {
      canvas.blur(gaussianWeights(params.sigma, (params.kernelSize - 1) / 2));
    },
  });
}
