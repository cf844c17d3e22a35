import type { ImageSize } from '../image.ts';
import type { PaddingMode } from './crop.ts';
import type { Interpolation } from './filter.ts';
import type { Box } from './kernels.ts';
import type { AffineMatrix } from './warp-map.ts';
import type { WarpInterpolation } from './warp.ts';

/** A tone curve per channel that is made from the picture's own histogram. */
export type HistogramCurve = 'equalize' | 'autocontrast';

/**
 * What can be done to a picture without seeing its pixels. An op that uses nothing else runs on tensors too.
 *
 * Lists of fill values have one number per channel.
 */
export interface Strokes {
  /** Swaps left and right. */
  readonly mirror: () => void;
  /** Swaps top and bottom. */
  readonly turnOver: () => void;
  /** v ← curve[v] in every channel; 256 entries, which are copied. */
  readonly tone: (curve: Uint8Array) => void;
  readonly toneByHistogram: (curve: HistogramCurve) => void;
  /** v ← m + factor·(v − m), m the rounded mean grey value of the picture (of all samples unless there are three channels). */
  readonly contrast: (factor: number) => void;
  /** Every pixel ← its grey value in all three channels. */
  readonly grey: () => void;
  /** Every pixel ← L + factor·(pixel − L), L its grey value; three channels. */
  readonly saturate: (factor: number) => void;
  /** Turns every pixel's hue by steps/255 of the circle; three channels. */
  readonly turnHue: (steps: number) => void;
  /** Cuts `box`, which lies in the picture, out and resizes it, averaging when it shrinks. */
  readonly resample: (box: Box, size: ImageSize, interpolation: Interpolation) => void;
  /** Cuts `box` out; it may reach beyond the picture. */
  readonly crop: (box: Box, mode: PaddingMode, fill: readonly number[]) => void;
  /** Transforms the picture without changing its size. */
  readonly warp: (matrix: AffineMatrix, interpolation: WarpInterpolation, fill: readonly number[]) => void;
  /** Convolves columns and rows with weights at 0 … radius, symmetric, in parts of 2^15; borders are mirrored. */
  readonly blur: (weights: Int32Array) => void;
  /** v ← S + factor·(v − S), S the 3 × 3 mean in which the pixel itself counts five times; pixels of the border stay. */
  readonly sharpen: (factor: number) => void;
  /** Writes `fill` into `box`. */
  readonly erase: (box: Box, fill: readonly number[]) => void;
  /** Writes the integers below 256 that `rngFor(seed)` draws into `box`, sample by sample. */
  readonly eraseWithNoise: (box: Box, seed: number) => void;
}
