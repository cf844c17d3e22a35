import { afterAll, describe, expect, it } from 'vitest';
import { depthwiseConv2d, depthwiseFilterGrad, depthwiseInputGrad } from './depthwise.ts';
import type { DepthwiseShape } from './depthwise.ts';
import { createEngine } from './engine.ts';
import { convReference, numbers, relativeError } from './reference.test-data.ts';

const base = { strideHeight: 1, strideWidth: 1, dilationHeight: 1, dilationWidth: 1, padTop: 1, padLeft: 1 };
const cases: readonly (Omit<DepthwiseShape, 'outChannels'> & { readonly name: string })[] = [
  {
    ...base, name: '3×3 same', batchSize: 2, inHeight: 9, inWidth: 7, inChannels: 10, outHeight: 9, outWidth: 7,
    filterHeight: 3, filterWidth: 3, channelMultiplier: 1,
  },
  {
    ...base, name: '3×3 stride 2, multiplier 3', batchSize: 2, inHeight: 9, inWidth: 8, inChannels: 3, outHeight: 5,
    outWidth: 4, filterHeight: 3, filterWidth: 3, channelMultiplier: 3, strideHeight: 2, strideWidth: 2,
  },
  {
    ...base, name: '2×5 dilated, many', batchSize: 3, inHeight: 20, inWidth: 21, inChannels: 64, outHeight: 19,
    outWidth: 11, filterHeight: 2, filterWidth: 5, channelMultiplier: 1, strideWidth: 1, dilationHeight: 3, dilationWidth: 3,
  },
];

/** A depthwise filter as the filter of an ordinary convolution: zero wherever the channels do not belong together. */
function dense(w: Float32Array, s: DepthwiseShape): Float32Array {
  const out = new Float32Array(s.filterHeight * s.filterWidth * s.inChannels * s.outChannels);
  w.forEach((value, i) => {
    const k = i % s.outChannels;
    const tap = Math.floor(i / s.outChannels);
    out[(tap * s.inChannels + Math.floor(k / s.channelMultiplier)) * s.outChannels + k] = value;
  });
  return out;
}

describe.each([1, 2])('%i threads', (threads) => {
  const engine = createEngine({ threads });
  afterAll(() => engine.dispose());
  const put = (values: Float32Array): number => {
    const at = engine.alloc(values.byteLength);
    engine.f32.set(values, at / 4);
    return at;
  };

  it.each(cases)('$name', (entry) => {
    const s = { ...entry, outChannels: entry.inChannels * entry.channelMultiplier };
    const x = numbers(s.batchSize * s.inHeight * s.inWidth * s.inChannels, 1);
    const w = numbers(s.filterHeight * s.filterWidth * s.outChannels, 2);
    const dy = numbers(s.batchSize * s.outHeight * s.outWidth * s.outChannels, 3);
    const expected = convReference(x, dense(w, s), dy, s);
    const dw = new Float64Array(w.length).map((_, i) => {
      const k = i % s.outChannels;
      const tap = Math.floor(i / s.outChannels);
      return expected.dw[(tap * s.inChannels + Math.floor(k / s.channelMultiplier)) * s.outChannels + k]!;
    });
    const [px, pw, pdy] = [put(x), put(w), put(dy)];
    const check = (values: Float64Array, run: (out: number) => void): void => {
      const out = put(new Float32Array(values.length + 1).fill(NaN));
      run(out);
      expect(relativeError(engine.f32.slice(out / 4, out / 4 + values.length), values)).toBeLessThan(2e-6);
      expect(engine.f32[out / 4 + values.length]).toBeNaN();
    };
    check(expected.y, (out) => depthwiseConv2d(engine, px, pw, out, s));
    check(expected.dx, (out) => depthwiseInputGrad(engine, pdy, pw, out, s));
    check(dw, (out) => depthwiseFilterGrad(engine, px, pdy, out, s));
  });
});
