import { add, broadcastTo, floor, gather, mul, reshape, sub, tensor, tensor1d, where, zerosLike } from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { paddedPositions } from '../canvas/crop.ts';
import type { PaddingMode } from '../canvas/crop.ts';
import type { Box } from '../canvas/kernels.ts';
import { bilinearMap, nearestMap } from '../canvas/warp-map.ts';
import type { AffineMatrix } from '../canvas/warp-map.ts';
import type { WarpInterpolation } from '../canvas/warp.ts';
import type { ImageSize } from '../image.ts';
import { rngFor } from '../rng.ts';

/** One number per channel and image, as `[n, 1, channels]` spread over `pixels`: `[n·pixels, channels]`. */
function spread(values: readonly (readonly number[])[], pixels: number): Tensor2D {
  const [n, channels] = [values.length, values[0]!.length];
  return reshape(broadcastTo(tensor(values.flat(), [n, 1, channels]), [n, pixels, channels]), [n * pixels, channels]);
}

/** Pixels of every image by their places, −1 for the fill: `maps` has one list of `size` places per image. */
function gatherPixels(images: Tensor4D, maps: readonly Int32Array[], size: ImageSize, fill: readonly (readonly number[])[]): Tensor4D {
  const [n, height, width, channels] = images.shape;
  const pixels = size.height * size.width;
  const places = new Int32Array(n * pixels);
  const known = new Uint8Array(n * pixels);
  maps.forEach((map, i) => {
    map.forEach((from, at) => {
      places[i * pixels + at] = i * height * width + Math.max(0, from);
      known[i * pixels + at] = from < 0 ? 0 : 1;
    });
  });
  const flat = reshape(images, [n * height * width, channels]) as Tensor2D;
  const found = gather(flat, tensor1d(places, 'int32'));
  const inside = known.every((one) => one === 1);
  const filled = inside ? found : where(tensor(known, [n * pixels, 1], 'bool'), found, spread(fill, pixels));
  return reshape(filled, [n, size.height, size.width, channels]);
}

/** Crops of one size that may reach beyond the images. */
export function crop(images: Tensor4D, args: readonly (readonly [box: Box, mode: PaddingMode, fill: readonly number[]])[]): Tensor4D {
  const [, height, width] = images.shape;
  const maps = args.map(([box, mode]) => {
    const rows = paddedPositions(box.top, box.height, height, mode);
    const columns = paddedPositions(box.left, box.width, width, mode);
    return Int32Array.from({ length: box.height * box.width }, (_, i) => {
      const [row, column] = [rows[Math.floor(i / box.width)]!, columns[i % box.width]!];
      return row < 0 || column < 0 ? -1 : row * width + column;
    });
  });
  return gatherPixels(images, maps, args[0]![0], args.map(([, , fill]) => fill));
}

type WarpArgs = readonly [matrix: AffineMatrix, interpolation: WarpInterpolation, fill: readonly number[]];

/** Affine transformations that keep the size, all of one interpolation. */
export function warp(images: Tensor4D, args: readonly WarpArgs[]): Tensor4D {
  const [n, height, width] = images.shape;
  const size = { height, width };
  const fill = args.map(([, , values]) => values);
  if (args[0]![1] === 'nearest') return gatherPixels(images, args.map(([matrix]) => nearestMap(matrix, size).from), size, fill);
  const maps = args.map(([matrix]) => bilinearMap(matrix, size));
  const corner = (offset: (map: (typeof maps)[number], i: number) => number): Tensor4D =>
    gatherPixels(images, maps.map((map) => map.from.map((from, i) => (from < 0 ? -1 : from + offset(map, i)))), size, fill);
  const shares = (of: 'dx' | 'dy'): Tensor4D => {
    const values = new Float32Array(n * height * width);
    maps.forEach((map, i) => values.set(map[of], i * height * width));
    return tensor(values, [n, height, width, 1]);
  };
  const between = (a: Tensor4D, b: Tensor4D, share: Tensor4D): Tensor4D => add(a, mul(sub(b, a), share));
  const dx = shares('dx');
  const upper = between(corner(() => 0), corner((map, i) => map.right[i]!), dx);
  const lower = between(corner((map, i) => map.down[i]!), corner((map, i) => map.right[i]! + map.down[i]!), dx);
  return floor(between(upper, lower, shares('dy')));
}

/** `values` into every image's own box, where `values` is `[n, height, width, channels]` or broadcasts to it. */
function intoBoxes(images: Tensor4D, boxes: readonly Box[], values: Tensor4D): Tensor4D {
  const [n, height, width] = images.shape;
  const mask = new Uint8Array(n * height * width);
  boxes.forEach((box, i) => {
    for (let y = box.top; y < box.top + box.height; y++) {
      const row = (i * height + y) * width + box.left;
      mask.fill(1, row, row + box.width);
    }
  });
  const inside = tensor(mask, [n, height, width, 1], 'bool');
  return where(inside, add<Tensor4D>(zerosLike(images), values), images);
}

/** Fills every image's own box. */
export function erase(images: Tensor4D, args: readonly (readonly [box: Box, fill: readonly number[]])[]): Tensor4D {
  const [n, , , channels] = images.shape;
  const fill = tensor(args.flatMap(([, values]) => [...values]), [n, 1, 1, channels]) as Tensor4D;
  return intoBoxes(images, args.map(([box]) => box), fill);
}

/** Noise into every image's own box: what `rngFor(seed)` draws, sample by sample. */
export function eraseWithNoise(images: Tensor4D, args: readonly (readonly [box: Box, seed: number])[]): Tensor4D {
  const [n, height, width, channels] = images.shape;
  const values = new Float32Array(n * height * width * channels);
  args.forEach(([box, seed], i) => {
    const rng = rngFor(seed);
    for (let y = box.top; y < box.top + box.height; y++) {
      const row = ((i * height + y) * width + box.left) * channels;
      for (let at = row; at < row + box.width * channels; at++) values[at] = rng.integer(256);
    }
  });
  return intoBoxes(images, args.map(([box]) => box), tensor(values, [n, height, width, channels]));
}
