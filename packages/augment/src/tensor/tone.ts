import {
  add, cast, clipByValue, cumsum, denseBincount, div, equal, expandDims, floor, gather, greater, max, maximum, min, mul, range, reshape, sub, sum,
  tensor, tensor1d, transpose, where,
} from '@tensorflow/tfjs-core';
import type { Rank, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { HistogramCurve } from '../canvas/strokes.ts';

/** `tables[row, sample]`: one look-up a sample, `row` broadcasting over `[n, height, width, channels]`. */
export function lookUp(images: Tensor4D, tables: Tensor, rows: Tensor): Tensor4D {
  const places = cast(add(images, mul(rows, 256)), 'int32');
  return gather(reshape<Rank.R1>(tables, [tables.size]), places) as Tensor as Tensor4D;
}

/** Every image by its own curve of 256 entries. */
export function tone(images: Tensor4D, curves: readonly Uint8Array[]): Tensor4D {
  const tables = new Float32Array(256 * curves.length);
  curves.forEach((curve, i) => tables.set(curve, 256 * i));
  return lookUp(images, tensor1d(tables), reshape(range(0, curves.length), [curves.length, 1, 1, 1]));
}

/** `[rows, 256]`: ranks spread over 0–255, by how many samples of the row are below a value. */
function equalizing(planes: Tensor2D, values: Tensor): Tensor2D {
  const counts = denseBincount(cast(planes, 'int32'), tensor([], [0, 0], 'float32') as Tensor2D, 256) as Tensor2D;
  const last = max(planes, 1, true);
  const lastCount = sum(mul(counts, cast(equal(values, last), 'float32')), 1, true);
  const step = floor(div(sub(planes.shape[1], lastCount), 255));
  const rank = add(floor(div(step, 2)), cumsum(counts, 1, true));
  // The half keeps quotients of whole numbers away from the next whole number.
  const curve = clipByValue(floor(div(add(rank, 0.5), maximum(step, 1))), 0, 255);
  return where(greater(step, 0), curve, values) as Tensor2D;
}

/** `[rows, 256]`: the range that a row uses, stretched to 0–255. */
function stretching(planes: Tensor2D, values: Tensor): Tensor2D {
  const low = min(planes, 1, true);
  const spread = sub(max(planes, 1, true), low);
  const curve = floor(div(add(mul(sub(values, low), 255), 0.01), maximum(spread, 1)));
  return where(greater(spread, 0), clipByValue(curve, 0, 255), values) as Tensor2D;
}

/** Every channel of every image by a curve made from its own histogram; all of one kind. */
export function toneByHistogram(images: Tensor4D, kinds: readonly HistogramCurve[]): Tensor4D {
  const [n, height, width, channels] = images.shape;
  const planes = reshape(transpose(images, [0, 3, 1, 2]), [n * channels, height * width]) as Tensor2D;
  const values = add(expandDims(range(0, 256), 0), reshape(mul(range(0, n * channels), 0), [n * channels, 1]));
  const tables = kinds[0] === 'equalize' ? equalizing(planes, values) : stretching(planes, values);
  return lookUp(images, tables, reshape(range(0, n * channels), [n, 1, 1, channels]));
}
