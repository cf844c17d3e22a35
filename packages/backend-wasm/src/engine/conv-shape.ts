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
const isPointwise = (s: ConvShape): boolean =>
  s.filterHeight === 1 && s.filterWidth === 1 && s.strideHeight === 1 && s.strideWidth === 1 &&
  s.padTop === 0 && s.padLeft === 0 && s.inHeight === s.outHeight && s.inWidth === s.outWidth;

/** How a pass of a convolution is computed. */
export type ConvAlgorithm = 'pointwise' | 'winograd' | 'gather';

/**
 * Whether Winograd is faster than the direct sum. For each pair of channels the filter's transforms take as long as
 * 78 outputs of the direct sum, and a tile as long as 3.3 (measured with bench/kernels.mjs, both kinds of SIMD).
 */
function winogradPays(s: ConvShape): boolean {
  const outputs = s.batchSize * s.outHeight * s.outWidth;
  const tiles = s.batchSize * Math.ceil(s.outHeight / 4) * Math.ceil(s.outWidth / 4);
  return outputs > 78 + 3.3 * tiles && s.inChannels >= 3 && s.outChannels >= 3;
}

/**
 * | filter | stride, dilation | size | algorithm |
 * |---|---|---|---|
 * | 1×1, no padding | 1 | any | pointwise: one matrix product over the pixels |
 * | 3×3 | 1 | enough pixels, at least 3 channels | Winograd F(4×4, 3×3) |
 * | any other | any | any | gather: implicit GEMM |
 */
export function chooseAlgorithm(s: ConvShape): ConvAlgorithm {
  if (isPointwise(s)) return 'pointwise';
  const dense = s.strideHeight === 1 && s.strideWidth === 1 && s.dilationHeight === 1 && s.dilationWidth === 1;
  return s.filterHeight === 3 && s.filterWidth === 3 && dense && winogradPays(s) ? 'winograd' : 'gather';
}
