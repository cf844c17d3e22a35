/** How resizing weighs source pixels. Both widen when shrinking, so that every source pixel counts. */
export type Interpolation = 'bilinear' | 'bicubic';

/** Bits after the point in a weight: an 8-bit sample times a weight, summed with overshoot, still fits 32 bits. */
export const weightBits = 22;

/** For every output position: the first source position, how many there are, and their weights. */
export interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `[output, span]`, scaled by 2^weightBits. */
  readonly weights: Int32Array;
  readonly span: number;
  /** Whether weights can be negative, so that results can leave 0–255. */
  readonly overshoots: boolean;
}

function triangle(x: number): number {
  const d = x < 0 ? -x : x;
  return d < 1 ? 1 - d : 0;
}

/** Keys' cubic with a = −½. */
function keys(x: number): number {
  const d = x < 0 ? -x : x;
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
}

/**
 * The weights that resample `inSize` positions to `outSize`, in Pillow's fixed point.
 *
 * Output x is centred on (x + ½)·inSize/outSize; the filter's support grows with the factor when shrinking; weights are
 * normalised to sum to one and cut off at the borders.
 * @see Pillow `src/libImaging/Resample.c`, `precompute_coeffs`
 */
function computeTaps(inSize: number, outSize: number, interpolation: Interpolation): Taps {
  const kernel = interpolation === 'bilinear' ? triangle : keys;
  const scale = inSize / outSize;
  const stretch = scale < 1 ? 1 : scale;
  const support = (interpolation === 'bilinear' ? 1 : 2) * stretch;
  const span = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(outSize);
  const count = new Int32Array(outSize);
  const weights = new Int32Array(outSize * span);
  const row = new Float64Array(span);
  for (let x = 0; x < outSize; x++) {
    const centre = (x + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const n = Math.min(inSize, Math.trunc(centre + support + 0.5)) - low;
    let total = 0;
    for (let k = 0; k < n; k++) {
      const w = kernel((k + low - centre + 0.5) / stretch);
      row[k] = w;
      total += w;
    }
    const unit = total === 0 ? 0 : (1 << weightBits) / total;
    for (let k = 0; k < n; k++) {
      const w = row[k]! * unit;
      weights[x * span + k] = Math.trunc(w < 0 ? w - 0.5 : w + 0.5);
    }
    first[x] = low;
    count[x] = n;
  }
  return { first, count, weights, span, overshoots: interpolation === 'bicubic' };
}

const known = { bilinear: new Map<number, Taps>(), bicubic: new Map<number, Taps>() };

/** `computeTaps`, remembered: crops come in few sizes. At most 512 are kept, some 4 MB for 224 pixels. */
export function resampleTaps(inSize: number, outSize: number, interpolation: Interpolation): Taps {
  const cache = known[interpolation];
  const key = inSize * 0x10_0000 + outSize;
  const found = cache.get(key);
  if (found !== undefined) return found;
  const taps = computeTaps(inSize, outSize, interpolation);
  if (cache.size >= 512) cache.clear();
  cache.set(key, taps);
  return taps;
}
