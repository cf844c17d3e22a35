import { add, clipByValue, div, floor, mul, pad, slice, sub, tensor, where } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';

/** Every image by its own factor: S + factor·(v − S), S the 3 × 3 mean in which the pixel itself counts five times; borders stay. */
export function sharpen(images: Tensor4D, factors: readonly number[]): Tensor4D {
  const [n, height, width, channels] = images.shape;
  if (height < 3 || width < 3) return images;
  const part = (x: Tensor4D, top: number, left: number, h: number, w: number): Tensor4D => slice(x, [0, top, left, 0], [n, h, w, channels]);
  const rows = add(add(part(images, 0, 0, height - 2, width), part(images, 1, 0, height - 2, width)), part(images, 2, 0, height - 2, width)) as Tensor4D;
  const sums = add(add(part(rows, 0, 0, height - 2, width - 2), part(rows, 0, 1, height - 2, width - 2)), part(rows, 0, 2, height - 2, width - 2));
  const centre = part(images, 1, 1, height - 2, width - 2);
  const smooth = floor(add(div(add(sums, mul(centre, 4)), 13), 0.5));
  const factor: Tensor = tensor([...factors], [n, 1, 1, 1], 'float32');
  const sharp = floor(clipByValue(add(smooth, mul(factor, sub(centre, smooth))), 0, 255)) as Tensor4D;
  const inside = new Uint8Array(height * width);
  for (let y = 1; y < height - 1; y++) inside.fill(1, y * width + 1, (y + 1) * width - 1);
  return where(tensor(inside, [1, height, width, 1], 'bool'), pad(sharp, [[0, 0], [1, 1], [1, 1], [0, 0]]), images);
}
