/** A 2D convolution of NHWC images with an HWIO filter, named as in tfjs' `Conv2DInfo`. */
export interface ConvShape {
  readonly batchSize: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  /** Zeros before the first row and column; those after the last follow from the output size. */
  readonly padTop: number;
  readonly padLeft: number;
}

export interface ConvEpilogue {
  /** Address of [outChannels]. */
  readonly bias?: number;
  readonly relu?: boolean;
}

/** Operations of one pass, a multiply-add counted as two. */
export const convFlops = (s: ConvShape): number =>
  2 * s.batchSize * s.outHeight * s.outWidth * s.outChannels * s.filterHeight * s.filterWidth * s.inChannels;

/** Whether the convolution is a plain matrix product over the pixels. */
export const isPointwise = (s: ConvShape): boolean =>
  s.filterHeight === 1 && s.filterWidth === 1 && s.strideHeight === 1 && s.strideWidth === 1 &&
  s.padTop === 0 && s.padLeft === 0 && s.inHeight === s.outHeight && s.inWidth === s.outWidth;

/** How a pass of a convolution is computed. */
export type ConvAlgorithm = 'pointwise' | 'winograd' | 'gather';

/** Winograd's tiles pay from this many channels on; measured with bench/kernels.mjs. */
const winogradChannels = 16;

/**
 * | filter | stride, dilation | channels | algorithm |
 * |---|---|---|---|
 * | 1×1, no padding | 1 | any | pointwise: one matrix product over the pixels |
 * | 3×3 | 1 | both ≥ 16 | Winograd F(4×4, 3×3) |
 * | any other | any | any | gather: implicit GEMM |
 */
export function chooseAlgorithm(s: ConvShape): ConvAlgorithm {
  if (isPointwise(s)) return 'pointwise';
  const dense = s.strideHeight === 1 && s.strideWidth === 1 && s.dilationHeight === 1 && s.dilationWidth === 1;
  const wide = s.inChannels >= winogradChannels && s.outChannels >= winogradChannels;
  return s.filterHeight === 3 && s.filterWidth === 3 && dense && wide ? 'winograd' : 'gather';
}
