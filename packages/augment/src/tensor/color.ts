import {
  abs, add, clipByValue, concat, div, floor, greaterEqual, less, logicalAnd, logicalNot, logicalOr, maximum, minimum, mul, neg, reshape, slice,
  sub, sum, tensor, where, zerosLike,
} from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';

/** One number per image, to broadcast over its samples. */
const perImage = (values: readonly number[]): Tensor => tensor([...values], [values.length, 1, 1, 1], 'float32');

/** Red, green and blue, each `[n, height, width, 1]`. */
function planes(images: Tensor4D): readonly [Tensor4D, Tensor4D, Tensor4D] {
  const [n, height, width] = images.shape;
  const plane = (c: number): Tensor4D => slice(images, [0, 0, 0, c], [n, height, width, 1]);
  return [plane(0), plane(1), plane(2)];
}

/** Grey values in 16-bit fixed point; all products and sums are below 2^24. */
function luma(images: Tensor4D): Tensor4D {
  const [red, green, blue] = planes(images);
  return floor(div<Tensor4D>(add(add(add(mul(red, 19595), mul(green, 38470)), mul(blue, 7471)), 32768), 65536));
}

/** base + factor·(v − base), cut off to 0–255 and truncated. */
function blend(images: Tensor4D, base: Tensor, factors: readonly number[]): Tensor4D {
  return floor(clipByValue(add<Tensor4D>(base, mul(perImage(factors), sub(images, base))), 0, 255));
}

/** Every pixel ← its grey value in all channels. */
export function grey(images: Tensor4D): Tensor4D {
  const level = luma(images);
  return concat([level, level, level], 3);
}

/** Around every pixel's own grey value. */
export function saturate(images: Tensor4D, factors: readonly number[]): Tensor4D {
  return blend(images, luma(images), factors);
}

/** Around every image's mean grey value, or its mean without three channels. */
export function contrast(images: Tensor4D, factors: readonly number[]): Tensor4D {
  const levels = images.shape[3] === 3 ? luma(images) : images;
  const [n, height, width, channels] = levels.shape;
  // Rows first: sums of whole numbers that 32-bit floats hold exactly, up to 65,536 pixels.
  const total = sum(sum(reshape(levels, [n, height, width * channels]), 2), 1);
  const base = floor(add(div(reshape(total, [n, 1, 1, 1]), height * width * channels), 0.5));
  return blend(images, base, factors);
}

/** `value` where the condition holds, else `other`; 32-bit floats of one shape. */
const pick = (condition: Tensor, value: Tensor, other: Tensor): Tensor => where(condition, value, other);

/**
 * Turns every image's hues by its own steps/255 of the circle, through 8-bit HSV.
 *
 * The same formula as `assembly/hue.ts`: place on the circle in sixths = start ± q, where q is how far the middle channel is below the
 * highest, in parts of the chroma.
 */
export function turnHue(images: Tensor4D, steps: readonly number[]): Tensor4D {
  const [r, g, b] = planes(images);
  const high = maximum(maximum(r, g), b);
  const low = minimum(minimum(r, g), b);
  const middle = maximum(minimum(r, g), minimum(maximum(r, g), b));
  const chroma = sub(high, low);
  const q = div(sub(high, middle), maximum(chroma, 1));

  const [rg, gb, rb] = [greaterEqual(r, g), greaterEqual(g, b), greaterEqual(r, b)];
  const redHighest = logicalAnd(rg, rb);
  const level = (value: number): Tensor => add(zerosLike(q), value);
  const start = pick(redHighest, pick(gb, level(1), level(-1)), pick(gb, pick(rb, level(1), level(3)), pick(rg, level(5), level(3))));
  const falling = logicalOr(logicalAnd(redHighest, gb), logicalAnd(logicalNot(redHighest), logicalOr(logicalAnd(gb, logicalNot(rb)), logicalAnd(logicalNot(gb), rg))));
  const place = add(start, pick(falling, neg(q), q));
  const turn = add(div(place, 6), pick(less(place, 0), level(1), level(0)));
  const turned = add(floor(mul(turn, 255)), perImage(steps.map((step) => ((step % 256) + 256) % 256)));
  const hue = sub(turned, mul(floor(div(turned, 256)), 256));
  const strength = div(floor(mul(div(chroma, maximum(high, 1)), 255)), 255);

  const six = mul(hue, 6);
  const sixth = floor(div(add(six, 0.5), 255));
  const rest = sub(six, mul(floor(div(add(six, 0.5), 510)), 510));
  const fall = mul(strength, div(abs(sub(rest, 255)), 255));
  const middleValue = floor(add(mul(high, sub(1, fall)), 0.5));
  const lowValue = floor(add(mul(high, sub(1, strength)), 0.5));

  const at = (place6: number): Tensor => logicalAnd(greaterEqual(sixth, place6), less(sixth, place6 + 1));
  const [first, second, third, fourth, fifth] = [logicalOr(at(0), at(6)), at(1), at(2), at(3), at(4)];
  const channel = (isHigh: Tensor, isMiddle: Tensor): Tensor => pick(isHigh, high, pick(isMiddle, middleValue, lowValue));
  const red = channel(logicalOr(first, at(5)), logicalOr(second, fifth));
  const green = channel(logicalOr(second, third), logicalOr(first, fourth));
  const blue = channel(logicalOr(fourth, fifth), logicalOr(third, at(5)));
  return concat([red, green, blue] as Tensor4D[], 3);
}
