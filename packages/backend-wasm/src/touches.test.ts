import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { backendName, useWasmBackendSync } from '@selfsup/backend-wasm';
import type { RunOptions } from './engine/engine.ts';
import { K } from './engine/kernel-ids.ts';
import type { Place } from './engine/order.ts';
import { argsBytes, ringSize } from './engine/worker-source.ts';

// A run that tells what it touches may be done beside others. Here each is done alone, with NaN in all that it does not tell of.

const { engine } = useWasmBackendSync({ threads: 2 });
const unwatched = { alloc: engine.alloc, free: engine.free, run: engine.run };
const kernels = Object.keys(K);
/** What stands before the heap: constants and the arguments of runs. */
const base = 4096 + ringSize * argsBytes;

const sizes = new Map<number, number>();
const watched = new Set<string>();
const strays = new Set<string>();
let watching = false;
/** Where the highest block ended so far. */
let top = base;

/** First and last 32-bit number of each place. */
function rangesOf(places: readonly Place[] = []): (readonly [from: number, to: number])[] {
  return places.flatMap((place) => {
    const [at, bytes] = typeof place === 'number' ? [place, sizes.get(place)] : place;
    if (at === 0) return [];
    if (bytes === undefined) throw new Error(`No block begins at ${at}.`);
    return [[at / 4, (at + bytes) / 4] as const];
  });
}

function runAlone(kernel: number, args: readonly number[], options: RunOptions): void {
  const [reads, writes] = [rangesOf(options.touches?.reads), rangesOf(options.touches?.writes)];
  watched.add(kernels[kernel]!);
  const heap = (): Int32Array => engine.i32.subarray(0, top / 4);
  const before = heap().slice();
  engine.f32.fill(NaN, base / 4, top / 4);
  for (const [from, to] of [...reads, ...writes]) heap().set(before.subarray(from, to), from);
  const expected = heap().slice();
  unwatched.run(kernel, args, options);
  const after = heap().slice();
  for (const [from, to] of [[0, base / 4] as const, ...writes]) expected.set(after.subarray(from, to), from);
  if (Buffer.compare(Buffer.from(expected.buffer), Buffer.from(after.buffer)) !== 0) strays.add(`${kernels[kernel]} writes what it does not tell of`);
  heap().set(before);
  for (const [from, to] of writes) heap().set(after.subarray(from, to), from);
}

beforeAll(() => {
  Object.assign(engine, {
    alloc: (bytes: number, shape?: readonly number[]): number => {
      const at = unwatched.alloc(bytes, shape);
      sizes.set(at, bytes);
      top = Math.max(top, at + 4 * Math.ceil(bytes / 4));
      return at;
    },
    free: (at: number): void => {
      sizes.delete(at);
      unwatched.free(at);
    },
    run: (kernel: number, args: readonly number[], options: RunOptions = {}): void => {
      if (watching && options.touches !== undefined) runAlone(kernel, args, options);
      else unwatched.run(kernel, args, options);
    },
  });
});
afterAll(() => tf.removeBackend(backendName));

const draw = (shape: number[], seed: number): Tensor => tf.randomNormal(shape, 0.1, 1, 'float32', seed);
const run = (name: string, inputs: Record<string, Tensor>, attrs: object): Tensor[] => tf.engine().runKernel(name, inputs as never, attrs as never) as unknown as Tensor[];

interface Convolution {
  readonly image: readonly [batch: number, size: number, channels: number];
  readonly out: number;
  readonly filter?: number;
  readonly strides?: number;
}

function convolution({ image: [batch, size, channels], out, filter = 3, strides = 1 }: Convolution): Tensor[] {
  const [x, w] = [draw([batch, size, size, channels], 1), draw([filter, filter, channels, out], 2)];
  const f = (image: Tensor, kernel: Tensor): Tensor => tf.conv2d(image as Tensor4D, kernel as Tensor4D, strides, 'same');
  const y = f(x, w);
  return [y, ...tf.grads(f)([x, w], draw(y.shape, 3))];
}

function normalization(affine: boolean, relu: boolean, residual: boolean): Tensor[] {
  const [x, r, dy, gamma, beta] = [draw([8, 8, 8, 24], 1), draw([8, 8, 8, 24], 2), draw([8, 8, 8, 24], 3), draw([24], 4), draw([24], 5)];
  const [attrs, own] = [{ epsilon: 1e-5, relu, groups: 2 }, affine ? { gamma, beta } : {}];
  const [y, mean, variance] = run('SelfsupBatchNormTrain', { x, ...own, ...(residual ? { residual: r } : {}) }, attrs) as [Tensor, Tensor, Tensor];
  const slopes = run('SelfsupBatchNormTrainGrad', { dy, x, mean, variance, ...own, ...(relu && residual ? { y } : {}) }, { ...attrs, residual });
  const moved = run('SelfsupMoveStatistics', { runningMean: draw([24], 6), runningVariance: tf.square(draw([24], 7)), mean, variance }, { momentum: 0.9, samples: 256, groups: 2 });
  return [y, mean, variance, ...slopes, ...moved];
}

const cases: Readonly<Record<string, () => Tensor[]>> = {
  'a convolution by small tiles': () => convolution({ image: [3, 12, 20], out: 12 }),
  'a convolution by wide tiles': () => convolution({ image: [3, 8, 40], out: 64 }),
  'a convolution by large tiles': () => convolution({ image: [16, 32, 16], out: 16 }),
  'a convolution by columns': () => convolution({ image: [4, 4, 256], out: 320 }),
  'a convolution by columns of few channels of x': () => convolution({ image: [4, 8, 192], out: 400 }),
  'a strided convolution by tiles': () => convolution({ image: [4, 15, 48], out: 32, strides: 2 }),
  'a strided convolution': () => convolution({ image: [4, 16, 20], out: 32, strides: 2 }),
  'a convolution of 1×1': () => convolution({ image: [4, 16, 48], out: 32, filter: 1 }),
  'a strided convolution of 1×1': () => convolution({ image: [4, 16, 48], out: 32, filter: 1, strides: 2 }),
  'a convolution of colours': () => convolution({ image: [8, 32, 3], out: 32, filter: 7 }),
  'products': () => {
    const products = [[200, 300, 250], [16, 300, 500], [300, 20, 500]].flatMap(([m, k, n]) => [
      tf.matMul(draw([m!, k!], 1) as tf.Tensor2D, draw([k!, n!], 2) as tf.Tensor2D),
      tf.matMul(draw([k!, m!], 1) as tf.Tensor2D, draw([n!, k!], 2) as tf.Tensor2D, true, true),
    ]);
    return [...products, tf.matMul(draw([4, 60, 70], 3), draw([4, 70, 80], 4))];
  },
  ...Object.fromEntries(
    [false, true].flatMap((affine) => [false, true].flatMap((relu) => [false, true].map((residual) => [`normalization, affine ${affine}, relu ${relu}, residual ${residual}`, () => normalization(affine, relu, residual)]))),
  ),
  'sums, copies and arithmetic': () => {
    const x = draw([64, 12, 96], 1);
    return [tf.sum(x, 0), tf.mean(x, [1]), tf.sum(x), tf.sum(x, -1), tf.transpose(x, [2, 0, 1]), tf.slice(x, [3, 2, 5], [50, 7, 80]), tf.add(x, draw([96], 2)), tf.mul(x, x), tf.concat([x, x], 1)];
  },
};

it.each(Object.entries(cases))('%s tells all that it touches', (_, compute) => {
  const bitsOf = (): Uint8Array[] => tf.tidy(() => compute().map((tensor) => new Uint8Array((tensor.dataSync() as Float32Array).slice().buffer)) as never);
  const expected = bitsOf();
  watching = true;
  const actual = bitsOf();
  watching = false;
  expect([...strays]).toEqual([]);
  for (const [i, bits] of expected.entries()) expect(Buffer.compare(bits, actual[i]!), `result ${i}`).toBe(0);
});

it('watches all kinds of runs that tell', () => {
  expect([...watched].toSorted().join(' ')).toBe(
    'add batchNormApply batchNormGradApply batchNormGradJoin batchNormGradSums batchNormJoin batchNormMoments batchNormMove ' +
      'batchNormScale convFilterGrad convFilterGradSum convGather convPackFilterTransposed copyStrided fill gemm gemmFewRows ' +
      'gemmPackB multiply reduceSum winogradColumns winogradFilter winogradFilterGradChunk winogradFilterGradShares ' +
      'winogradFilterGradTaps winogradForward winogradImage',
  );
});
