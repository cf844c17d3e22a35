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
 * 78 outputs of the direct sum, and a tile as long as 3.3 (measured with bench/kernels.mjs, both kinds of SIMD). With
 * stride 2 fewer products are saved, so that the same costs weigh more, and they are not made up for below 48 channels.
 */
function winogradPays(s: ConvShape): boolean {
  const outputs = s.batchSize * s.outHeight * s.outWidth;
  const tiles = s.batchSize * Math.ceil(s.outHeight / 4) * Math.ceil(s.outWidth / 4);
  const channels = Math.min(s.inChannels, s.outChannels);
  return s.strideHeight === 1 ? outputs > 78 + 3.3 * tiles && channels >= 3 : outputs > 180 + 9 * tiles && channels >= 48;
}

/** Whether strides, dilations and padding are such that transformed tiles of a 3×3 filter are possible. */
export function winogradFits(s: ConvShape): boolean {
  if (s.filterHeight !== 3 || s.filterWidth !== 3 || s.dilationHeight !== 1 || s.dilationWidth !== 1) return false;
  const strides = [s.strideHeight, s.strideWidth];
  return strides.every((stride) => stride === 1) || (strides.every((stride) => stride === 2) && s.padTop === 1 && s.padLeft === 1);
}

/**
 * | filter | stride | padding | size | algorithm |
 * |---|---|---|---|---|
 * | 1×1 | 1 | 0 | any | pointwise: one matrix product over the pixels |
 * | 3×3, not dilated | 1 | any | enough pixels, at least 3 channels | Winograd F(4×4, 3×3) |
 * | 3×3, not dilated | 2 | 1 at the top and the left | enough pixels, at least 48 channels | Winograd by the parity of the pixels |
 * | any other | any | any | any | gather: direct sums, the pixels read in place |
 */
export function chooseAlgorithm(s: ConvShape): ConvAlgorithm {
  if (isPointwise(s)) return 'pointwise';
  return winogradFits(s) && winogradPays(s) ? 'winograd' : 'gather';
}
