import { AugmentError } from '../error.ts';
import type { Json } from '../json.ts';
import type { Rng } from '../rng.ts';

/** A batch of views as floats, `[batch, height, width, channels]`, one after the other. */
export interface ImageBatch {
  readonly data: Float32Array;
  readonly shape: readonly [batch: number, height: number, width: number, channels: number];
}

export interface MixupOptions {
  /** λ is drawn from Beta(alpha, alpha): near 0 or 1 for a small alpha, uniform for 1. */
  readonly alpha?: number;
}

export type MixupParams = {
  /** The share of the image itself. */
  readonly lambda: number;
  /** For every image of the batch: the place of the image that is mixed in. */
  readonly partners: readonly number[];
};

/** Mixes the images of one batch: not an `Op`, as those see one image at a time. */
export interface BatchOp<Params extends Json> {
  readonly name: string;
  readonly options: Json;
  readonly sample: (rng: Rng, batchSize: number) => Params;
  /** A new batch; the input is left alone. */
  readonly apply: (batch: ImageBatch, params: Params) => ImageBatch;
}

/** A normal number by Box and Muller. */
function normal(rng: Rng): number {
  return Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
}

/**
 * A number of the gamma distribution with scale 1.
 * @see Marsaglia & Tsang 2000, "A simple method for generating gamma variables"
 */
function gamma(rng: Rng, shape: number): number {
  if (shape < 1) return gamma(rng, shape + 1) * (1 - rng.next()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = normal(rng);
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - rng.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/**
 * Mixes every image with another one of its batch: λ·x + (1 − λ)·x[partner], one λ for the batch and the partners by a random order.
 *
 * @throws AugmentError `invalid-option`; `size-mismatch` from `apply` when the parameters are for another batch size.
 * @see Zhang et al. 2017, https://arxiv.org/abs/1710.09412; torchvision `references/classification/transforms.py`, which takes the
 * image before as the partner
 */
export function mixup({ alpha = 1 }: MixupOptions = {}): BatchOp<MixupParams> {
  if (!(alpha > 0 && Number.isFinite(alpha))) {
    throw new AugmentError('invalid-option', `mixup was given the alpha ${alpha}; give a positive number.`);
  }
  return {
    name: 'mixup',
    options: { alpha },
    sample: (rng, batchSize) => {
      const a = gamma(rng, alpha);
      const b = gamma(rng, alpha);
      const partners = Array.from({ length: batchSize }, (_, i) => i);
      for (let last = batchSize - 1; last > 0; last--) {
        const other = rng.integer(last + 1);
        [partners[last], partners[other]] = [partners[other]!, partners[last]!];
      }
      // Both round to 0 only for a tiny alpha, when λ is 0 or 1.
      return { lambda: a + b > 0 ? a / (a + b) : rng.integer(2), partners };
    },
    apply: ({ data, shape }, { lambda, partners }) => {
      const [batch, height, width, channels] = shape;
      const stride = height * width * channels;
      if (partners.length !== batch || data.length !== batch * stride || partners.some((i) => !(i >= 0 && i < batch))) {
        throw new AugmentError('size-mismatch', `mixup has parameters for ${partners.length} images but the batch holds ${batch}; sample them for this batch.`);
      }
      const mixed = new Float32Array(data.length);
      partners.forEach((partner, i) => {
        for (let at = i * stride, from = partner * stride; at < (i + 1) * stride; at++, from++) {
          mixed[at] = lambda * data[at]! + (1 - lambda) * data[from]!;
        }
      });
      return { data: mixed, shape };
    },
  };
}
