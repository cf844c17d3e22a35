import { add, div, floor, matMul, mul, reshape, sub, tensor, transpose } from '@tensorflow/tfjs-core';
import type { Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { paddedPositions } from '../canvas/crop.ts';

/** `[n, length, length]`: every image's weights of 15 bits, borders mirrored. */
function bands(weights: readonly Int32Array[], length: number): Tensor3D {
  const values = new Float32Array(weights.length * length * length);
  weights.forEach((own, i) => {
    const radius = own.length - 1;
    for (let x = 0; x < length; x++) {
      const row = (i * length + x) * length;
      paddedPositions(x - radius, 2 * radius + 1, length, 'reflect').forEach((from, k) => {
        values[row + from]! += own[Math.abs(k - radius)]!;
      });
    }
  });
  return tensor(values, [weights.length, length, length]);
}

/** Convolves columns and rows of every image with its own symmetric weights in parts of 2^15, 8 more bits in between. */
export function blur(images: Tensor4D, weights: readonly Int32Array[]): Tensor4D {
  const [n, height, width, channels] = images.shape;
  const columns = reshape(transpose(images, [0, 2, 1, 3]), [n, width, height * channels]) as Tensor3D;
  const once = floor(div(add(matMul(bands(weights, width), columns), 64), 128));
  const rows = reshape(transpose(reshape(once, [n, width, height, channels]), [0, 2, 1, 3]), [n, height, width * channels]) as Tensor3D;
  // 16 bits times 15 bits, in two halves of 8 bits, whose products 32-bit floats sum exactly.
  const high = floor(div(rows, 256));
  const vertical = bands(weights, height);
  const low = floor(div(add(matMul(vertical, sub(rows, mul(high, 256)) as Tensor3D), 2 ** 22), 256));
  const twice = floor(div(add(matMul(vertical, high as Tensor3D), low), 2 ** 15));
  return reshape(twice, [n, height, width, channels]);
}
