import type { Canvas } from './canvas.ts';
import type { Interpolation } from './filter.ts';

/** A rectangle of whole pixels. */
export type Box = {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
};

/**
 * The arithmetic of a working image that is worth being fast. There are two: in JavaScript, and in WebAssembly SIMD; they give
 * the same bytes.
 */
export interface Kernels {
  /** Applies the pending tone curve, and the pending mirroring too when `unmirror`. */
  readonly settle: (canvas: Canvas, unmirror: boolean) => void;
  /** Cuts `box` out and resizes it to height × width. */
  readonly cropAndResize: (
    canvas: Canvas,
    box: Box,
    size: { readonly height: number; readonly width: number },
    interpolation: Interpolation,
  ) => void;
  /** Convolves columns and rows with weights at 0 … radius, symmetric, in parts of 2^15; borders are mirrored. */
  readonly blur: (canvas: Canvas, weights: Int32Array) => void;
  /** The sum of all grey values; three channels. */
  readonly greySum: (canvas: Canvas) => number;
  /** Every pixel ← its grey value in all three channels. */
  readonly toGrey: (canvas: Canvas) => void;
  /** Every pixel ← L + factor·(pixel − L), L its grey value; three channels. */
  readonly adjustSaturation: (canvas: Canvas, factor: number) => void;
  /** Turns every pixel's hue by steps/255 of the circle; three channels. */
  readonly turnHue: (canvas: Canvas, steps: number) => void;
  /** `out[i] = values[channel, sample]`, pending tone curve and mirroring included. */
  readonly writeFloats: (canvas: Canvas, values: Float32Array, out: Float32Array) => void;
}
