import { afterAll, describe, expect, it, vi } from 'vitest';
import { conv2d, conv2dFilterGrad, conv2dInputGrad } from './conv.ts';
import { winogradFits } from './conv-shape.ts';
import type { ConvShape } from './conv.ts';
import { createEngine } from './engine.ts';
import { matMul } from './gemm.ts';
import { K } from './kernel-ids.ts';
import { fastestBuild, joinsVectors } from './platform.ts';
import type { ConvReference } from './reference.test-data.ts';
import { convReference, meanError, numbers, relativeError } from './reference.test-data.ts';

interface Case {
  readonly name: string;
  readonly image: readonly [batch: number, height: number, width: number, channels: number];
  readonly filter: readonly [height: number, width: number, channels: number];
  readonly stride?: readonly [number, number];
  readonly dilation?: readonly [number, number];
  /** top, bottom, left, right */
  readonly pad?: readonly [number, number, number, number];
  /** Of the largest value. Default 1e-5. */
  readonly tolerance?: number;
}

const cases: readonly Case[] = [
  { name: '1×1', image: [2, 5, 7, 9], filter: [1, 1, 13] },
  { name: '1×1 stride 2', image: [2, 7, 8, 6], filter: [1, 1, 5], stride: [2, 2] },
  { name: '1×1 stride 2 padded', image: [1, 6, 6, 3], filter: [1, 1, 4], stride: [2, 2], pad: [1, 0, 0, 1] },
  { name: '3×3 same', image: [2, 9, 11, 5], filter: [3, 3, 7], pad: [1, 1, 1, 1] },
  { name: '3×3 same, few pixels, many channels', image: [1, 4, 4, 96], filter: [3, 3, 104], pad: [1, 1, 1, 1] },
  { name: '3×3 valid', image: [1, 13, 12, 8], filter: [3, 3, 16] },
  { name: '3×3 asymmetric pads', image: [2, 8, 9, 4], filter: [3, 3, 9], pad: [0, 2, 2, 1] },
  { name: '3×3 stride 2', image: [2, 11, 12, 10], filter: [3, 3, 17], stride: [2, 2], pad: [0, 1, 1, 1] },
  { name: '3×3 stride 2, padded', image: [2, 11, 13, 10], filter: [3, 3, 17], stride: [2, 2], pad: [1, 1, 1, 1] },
  { name: '3×3 stride 2, even', image: [3, 16, 8, 12], filter: [3, 3, 24], stride: [2, 2], pad: [1, 1, 1, 1] },
  { name: '3×3 stride 2×1', image: [1, 9, 10, 3], filter: [3, 3, 8], stride: [2, 1], pad: [1, 1, 1, 1] },
  { name: '3×3 dilated', image: [1, 14, 15, 6], filter: [3, 3, 5], dilation: [2, 3], pad: [2, 2, 3, 3] },
  { name: '3×3 dilated and strided', image: [1, 15, 16, 6], filter: [3, 3, 5], dilation: [2, 3], stride: [2, 3], pad: [2, 2, 1, 3] },
  { name: '7×7 stride 2', image: [2, 21, 23, 3], filter: [7, 7, 20], stride: [2, 2], pad: [3, 3, 3, 3] },
  { name: '4×2 stride 3', image: [1, 17, 10, 4], filter: [4, 2, 8], stride: [3, 3] },
  { name: 'one pixel', image: [3, 1, 1, 5], filter: [3, 3, 6], pad: [1, 1, 1, 1] },
  { name: 'unused last rows', image: [1, 10, 10, 4], filter: [2, 2, 4], stride: [4, 4] },
  { name: '3×3 one channel', image: [2, 28, 28, 1], filter: [3, 3, 1], pad: [1, 1, 1, 1] },
  { name: '3×3 wide tiles', image: [3, 9, 16, 40], filter: [3, 3, 33], pad: [1, 1, 1, 1], tolerance: 3e-5 },
  { name: '3×3 wide tiles, parts of them', image: [2, 6, 8, 34], filter: [3, 3, 48], pad: [0, 2, 1, 0], tolerance: 3e-5 },
  { name: '3×3 large tiles', image: [49, 16, 15, 33], filter: [3, 3, 40], pad: [1, 1, 1, 1], tolerance: 1e-4 },
  { name: '3×3 large tiles, parts of them, several sums', image: [67, 7, 15, 66], filter: [3, 3, 37], pad: [0, 2, 1, 1], tolerance: 1e-4 },
  { name: '1×1 stride 2, many channels', image: [3, 7, 6, 520], filter: [1, 1, 600], stride: [2, 2] },
  { name: '3×3 dilated, many channels', image: [1, 7, 7, 258], filter: [3, 3, 12], dilation: [2, 2], pad: [1, 1, 1, 1] },
  { name: '3×3, blocks of a large filter, tiles in blocks of 6 and of 5', image: [11, 1, 5, 203], filter: [3, 3, 180], pad: [1, 1, 1, 1], tolerance: 2e-5 },
  { name: '3×3 stride 2, blocks of a large filter', image: [1, 7, 6, 203], filter: [3, 3, 180], stride: [2, 2], pad: [1, 1, 1, 1] },
  { name: '3×3 many blocks', image: [3, 17, 19, 40], filter: [3, 3, 33], pad: [1, 1, 1, 1] },
];

const outSize = (size: number, before: number, after: number, taps: number, step: number, gap: number): number =>
  Math.floor((size + before + after - (taps - 1) * gap - 1) / step) + 1;

function shapeOf({ image, filter, stride = [1, 1], dilation = [1, 1], pad = [0, 0, 0, 0] }: Case): ConvShape {
  return {
    batchSize: image[0], inHeight: image[1], inWidth: image[2], inChannels: image[3],
    filterHeight: filter[0], filterWidth: filter[1], outChannels: filter[2],
    outHeight: outSize(image[1], pad[0], pad[1], filter[0], stride[0], dilation[0]),
    outWidth: outSize(image[2], pad[2], pad[3], filter[1], stride[1], dilation[1]),
    strideHeight: stride[0], strideWidth: stride[1], dilationHeight: dilation[0], dilationWidth: dilation[1],
    padTop: pad[0], padLeft: pad[2],
  };
}

const references = new Map<string, ConvReference>();

/** The reference of a case, computed once. */
function referenceOf(name: string, compute: () => ConvReference): ConvReference {
  const known = references.get(name) ?? compute();
  references.set(name, known);
  return known;
}

// Set the flags of V8 that the builds need.
fastestBuild();
joinsVectors();

describe.each([
  [1, 'plain-4x8'], [2, 'plain-4x8'], [1, 'relaxed-6x8'], [2, 'relaxed-6x8'], [1, 'relaxed-6x16'], [2, 'relaxed-6x16'],
] as const)('%i threads, %s', (threads, build) => {
  const engine = createEngine({ threads, build });
  afterAll(() => engine.dispose());
  const put = (values: Float32Array): number => {
    const at = engine.alloc(values.byteLength);
    engine.f32.set(values, at / 4);
    return at;
  };

  const everyCase = cases.flatMap((entry) => {
    return (winogradFits(shapeOf(entry)) ? (['gather', 'winograd'] as const) : [undefined]).map((algorithm) => ({ ...entry, algorithm }));
  });
  it.each(everyCase)('$name $algorithm', (entry) => {
    const s = shapeOf(entry);
    const options = entry.algorithm ? { algorithm: entry.algorithm } : {};
    const x = numbers(s.batchSize * s.inHeight * s.inWidth * s.inChannels, 1);
    const w = numbers(s.filterHeight * s.filterWidth * s.inChannels * s.outChannels, 2);
    const dy = numbers(s.batchSize * s.outHeight * s.outWidth * s.outChannels, 3);
    const expected = referenceOf(entry.name, () => convReference(x, w, dy, s));
    const [px, pw, pdy] = [put(x), put(w), put(dy)];
    const passes = {
      y: (out: number) => conv2d(engine, px, pw, out, s, options),
      dx: (out: number) => conv2dInputGrad(engine, pdy, pw, out, s, options),
      dw: (out: number) => conv2dFilterGrad(engine, px, pdy, out, s, options),
    };
    for (const name of ['y', 'dx', 'dw'] as const) {
      const count = expected[name].length;
      const out = put(new Float32Array(count + 1).fill(NaN));
      const results = [0, 1].map(() => {
        engine.f32.fill(NaN, out / 4, out / 4 + count);
        passes[name](out);
        return engine.f32.slice(out / 4, out / 4 + count);
      });
      expect(relativeError(results[0]!, expected[name]), name).toBeLessThan(entry.tolerance ?? 1e-5);
      expect(results[1]!.every((value, i) => value === results[0]![i]), `${name}, twice the same`).toBe(true);
      expect(engine.f32[out / 4 + count], name).toBeNaN();
      engine.free(out);
    }
    for (const at of [px, pw, pdy]) engine.free(at);
    expect(engine.bytesInUse).toBe(0);
  });

  it('adds a bias and applies ReLU', () => {
    for (const entry of [cases[0]!, cases[3]!, cases[7]!]) {
      const s = shapeOf(entry);
      const x = numbers(s.batchSize * s.inHeight * s.inWidth * s.inChannels, 1);
      const w = numbers(s.filterHeight * s.filterWidth * s.inChannels * s.outChannels, 2);
      const y = new Float32Array(s.batchSize * s.outHeight * s.outWidth * s.outChannels);
      const bias = numbers(s.outChannels, 4);
      const expected = convReference(x, w, y, s).y.map((value, i) => Math.max(0, value + bias[i % s.outChannels]!));
      const [px, pw, pBias, py] = [put(x), put(w), put(bias), put(y)];
      conv2d(engine, px, pw, py, s, { bias: pBias, relu: true });
      expect(relativeError(engine.f32.slice(py / 4, py / 4 + y.length), expected)).toBeLessThan(1e-5);
      for (const at of [px, pw, pBias, py]) engine.free(at);
    }
  });
});

interface Accuracy {
  readonly stride: 1 | 2;
  readonly threads: number;
  readonly image: Case['image'];
  readonly outChannels?: number;
  readonly bound: number;
}

describe.each<Accuracy>([
  { stride: 1, threads: 2, image: [1, 6, 7, 512], bound: 5e-5 },
  { stride: 2, threads: 2, image: [1, 6, 7, 512], bound: 5e-5 },
  { stride: 1, threads: 2, image: [1, 6, 7, 256], bound: 5e-5 }, // wide tiles
  { stride: 1, threads: 2, image: [34, 16, 16, 128], outChannels: 48, bound: 1e-4 }, // large tiles
  { stride: 1, threads: 1, image: [9, 32, 32, 64], bound: 1e-4 },
  { stride: 1, threads: 1, image: [1, 6, 7, 342], bound: 5e-5 },
  { stride: 2, threads: 1, image: [1, 6, 7, 342], bound: 5e-5 },
])('Winograd, stride $stride, $threads threads, $image', ({ stride, threads, image, outChannels = image[3], bound }) => {
  it(`stays within ${bound} of the exact sums`, () => {
    const engine = createEngine({ threads });
    const s = shapeOf({ name: '', image, filter: [3, 3, outChannels], stride: [stride, stride], pad: [1, 1, 1, 1] });
    const x = numbers(s.batchSize * s.inHeight * s.inWidth * s.inChannels, 1);
    const w = numbers(9 * s.inChannels * outChannels, 2);
    const dy = numbers(s.batchSize * s.outHeight * s.outWidth * outChannels, 3);
    const expected = convReference(x, w, dy, s);
    const [px, pw, pdy] = [x, w, dy].map((values) => {
      const at = engine.alloc(values.byteLength);
      engine.f32.set(values, at / 4);
      return at;
    }) as [number, number, number];
    const out = engine.alloc(Math.max(x.byteLength, w.byteLength, dy.byteLength));
    const options = { algorithm: 'winograd' } as const;
    const error = (values: Float64Array): number => relativeError(engine.f32.subarray(out / 4, out / 4 + values.length), values);
    conv2d(engine, px, pw, out, s, options);
    expect(error(expected.y)).toBeLessThan(bound);
    expect(meanError(engine.f32.subarray(out / 4, out / 4 + expected.y.length), expected.y)).toBeLessThan(0.24 * bound);
    conv2dInputGrad(engine, pdy, pw, out, s, options);
    expect(error(expected.dx)).toBeLessThan(bound);
    conv2dFilterGrad(engine, px, pdy, out, s, options);
    expect(error(expected.dw)).toBeLessThan(bound);
    engine.dispose();
  });
});

// For one thread, sums of its own would do for fewer channels.
describe.each([[1, 64], [2, 8], [3, 8]])('Winograd, %i threads', (threads, outChannels) => {
  it('adds up the filter gradients of tiles that are transformed one chunk after the other', () => {
    const engine = createEngine({ threads });
    const s = shapeOf({ name: '', image: [1, 33, 33, 1800], filter: [3, 3, outChannels], pad: [1, 1, 1, 1] });
    const x = numbers(s.inHeight * s.inWidth * s.inChannels, 1);
    const dy = numbers(s.outHeight * s.outWidth * s.outChannels, 3);
    const taps = 9 * s.inChannels * s.outChannels;
    const [px, pdy, out] = [x.length, dy.length, taps].map((length) => engine.alloc(4 * length)) as [number, number, number];
    engine.f32.set(x, px / 4);
    engine.f32.set(dy, pdy / 4);
    conv2dFilterGrad(engine, px, pdy, out, s, { algorithm: 'gather' });
    const expected = Float64Array.from(engine.f32.subarray(out / 4, out / 4 + taps));
    const run = vi.spyOn(engine, 'run');
    conv2dFilterGrad(engine, px, pdy, out, s, { algorithm: 'winograd' });
    const chunks = run.mock.calls.filter(([kernel]) => kernel === K.winogradFilterGradChunk).map(([, args]) => args);
    expect(chunks).toHaveLength(3);
    // A chunk that is multiplied is never where the next one is transformed at the same time.
    const [multiplied, transformed] = [chunks[1]![13]!, chunks[1]![16]!];
    expect(multiplied).not.toBe(transformed);
    expect(relativeError(engine.f32.subarray(out / 4, out / 4 + taps), expected)).toBeLessThan(5e-5);
    engine.dispose();
  });
});

it.each<{ readonly image: Case['image'] }>([
  { image: [3, 19, 24, 40] }, // wide tiles
  { image: [22, 24, 24, 40] }, // large tiles
])('has the same bits in every build with fused multiply-add, $image', ({ image }) => {
  const s = shapeOf({ name: '', image, filter: [3, 3, 52], pad: [1, 1, 1, 1] });
  const x = numbers(s.batchSize * s.inHeight * s.inWidth * s.inChannels, 1);
  const w = numbers(9 * s.inChannels * s.outChannels, 2);
  const dy = numbers(s.batchSize * s.outHeight * s.outWidth * s.outChannels, 3);
  const [narrow, wide] = (['relaxed-6x8', 'relaxed-6x16'] as const).map((build) => {
    const engine = createEngine({ threads: 2, build });
    const [px, pw, pdy] = [x, w, dy].map((values) => {
      const at = engine.alloc(values.byteLength);
      engine.f32.set(values, at / 4);
      return at;
    }) as [number, number, number];
    const results = [
      [dy.length, (out: number) => conv2d(engine, px, pw, out, s)],
      [x.length, (out: number) => conv2dInputGrad(engine, pdy, pw, out, s)],
      [w.length, (out: number) => conv2dFilterGrad(engine, px, pdy, out, s)],
      [s.inChannels * 70, (out: number) => matMul(engine, px, pdy, out, { m: s.inChannels, k: 1000, n: 70 })],
    ] as const;
    const bits = results.map(([length, run]) => {
      const out = engine.alloc(4 * length);
      run(out);
      return engine.i32.slice(out / 4, out / 4 + length);
    });
    engine.dispose();
    return bits;
  });
  expect(wide!.every((bits, i) => bits.every((value, j) => value === narrow![i]![j]))).toBe(true);
});
