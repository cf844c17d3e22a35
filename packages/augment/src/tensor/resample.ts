import { add, clipByValue, div, floor, matMul, reshape, slice, tensor, transpose } from '@tensorflow/tfjs-core';
import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { resampleTaps } from '../canvas/filter.ts';
import type { Interpolation } from '../canvas/filter.ts';
import type { Box } from '../canvas/kernels.ts';
import type { ImageSize } from '../image.ts';

/** What `resample` of one image takes. */
export type ResampleArgs = readonly [box: Box, size: ImageSize, interpolation: Interpolation];

/**
 * `[3·outputs, length]`: the weights of every output over all positions, in three blocks of parts: W = high·2^15 + middle·2^8 + low. Each
 * part is so small that 32-bit floats sum its products exactly.
 */
function weightParts(target: Float32Array, start: number, count: number, outputs: number, length: number, interpolation: Interpolation): void {
  const taps = resampleTaps(count, outputs, interpolation);
  for (let x = 0; x < outputs; x++) {
    for (let k = 0; k < taps.count[x]!; k++) {
      const weight = taps.weights[x * taps.span + k]!;
      const at = x * length + start + taps.first[x]! + k;
      target[at] = weight >> 15;
      target[outputs * length + at] = (weight >> 8) & 127;
      target[2 * outputs * length + at] = weight & 255;
    }
  }
}

/** Sums `[n, 3·outputs, rest]` of the parts of 22-bit weights, rounded to 8 bits: `[n, outputs, rest]`. */
function joinParts(sums: Tensor3D, outputs: number): Tensor3D {
  const [n, , rest] = sums.shape;
  const part = (i: number): Tensor3D => slice(sums, [0, i * outputs, 0], [n, outputs, rest]);
  // Half of 2^22 is 2^13 in units of the middle part.
  const middle = floor(div(add(add(part(1), 8192), floor(div(part(2), 256))), 128));
  return clipByValue(floor(div<Tensor3D>(add(part(0), middle), 128)), 0, 255);
}

/** `matMul` of every image's weights with rows: `[n, length, rest]` → `[n, outputs, rest]`. */
function weigh(rows: Tensor3D, outputs: number, weightsOf: (image: number, target: Float32Array) => void): Tensor3D {
  const [n, length] = rows.shape;
  const size = 3 * outputs * length;
  const weights = new Float32Array(n * size);
  for (let i = 0; i < n; i++) weightsOf(i, weights.subarray(i * size, (i + 1) * size));
  return joinParts(matMul(tensor(weights, [n, 3 * outputs, length]) as Tensor3D, rows), outputs);
}

/** Crops and resizes every image by its own box, to one size: columns first, then rows, 8 bits in between. */
export function resample(images: Tensor4D, args: readonly ResampleArgs[]): Tensor4D {
  const [n, height, width, channels] = images.shape;
  const { height: outHeight, width: outWidth } = args[0]![1];
  const columns = reshape(transpose(images, [0, 2, 1, 3]), [n, width, height * channels]) as Tensor3D;
  const narrowed = weigh(columns, outWidth, (i, target) => {
    const [box, , interpolation] = args[i]!;
    weightParts(target, box.left, box.width, outWidth, width, interpolation);
  });
  const rows = reshape(transpose(reshape(narrowed, [n, outWidth, height, channels]), [0, 2, 1, 3]), [n, height, outWidth * channels]) as Tensor3D;
  const resized = weigh(rows, outHeight, (i, target) => {
    const [box, , interpolation] = args[i]!;
    weightParts(target, box.top, box.height, outHeight, height, interpolation);
  });
  return reshape(resized, [n, outHeight, outWidth, channels]);
}
