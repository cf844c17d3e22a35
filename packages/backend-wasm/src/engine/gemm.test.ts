import { afterAll, describe, expect, it } from 'vitest';
import { createEngine } from './engine.ts';
import { matMul } from './gemm.ts';
import { fastestBuild, joinsVectors } from './platform.ts';
import { matMulReference, numbers, relativeError } from './reference.test-data.ts';

const sizes = [
  [1, 1, 1, 1], [1, 1, 7, 9], [1, 5, 3, 1], [2, 4, 8, 8], [3, 6, 16, 24], [1, 13, 257, 31], [2, 97, 300, 9],
  [1, 200, 64, 520], [1, 7, 700, 1030], [4, 64, 64, 64], [1, 2, 0, 3],
  [2, 193, 20, 9], [3, 192, 260, 140],
] as const;
const transposes = [[false, false], [true, false], [false, true], [true, true]] as const;

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
  const take = (at: number, count: number): Float32Array => engine.f32.slice(at / 4, at / 4 + count);

  describe.each(transposes)('transposeA %s, transposeB %s', (transposeA, transposeB) => {
    it.each(sizes)('[%i] %i × %i × %i', (batch, m, k, n) => {
      const shape = { batch, m, k, n, transposeA, transposeB };
      const [a, b] = [numbers(batch * m * k, 1), numbers(batch * k * n, 2)];
      const [pa, pb, out] = [put(a), put(b), put(new Float32Array(batch * m * n + 1).fill(NaN))];
      matMul(engine, pa, pb, out, shape);
      const first = take(out, batch * m * n);
      expect(relativeError(first, matMulReference(a, b, shape))).toBeLessThan(2e-6);
      expect(engine.f32[out / 4 + batch * m * n]).toBeNaN();
      matMul(engine, pa, pb, out, shape);
      expect(take(out, batch * m * n)).toEqual(first);
      for (const at of [pa, pb, out]) engine.free(at);
    });
  });

  it('adds a bias, applies ReLU, and shares a matrix over the batch', () => {
    const shape = { batch: 3, m: 10, k: 300, n: 21, transposeA: false, transposeB: false };
    const [a, b, bias] = [numbers(shape.m * shape.k, 3), numbers(3 * shape.k * shape.n, 4), numbers(shape.n, 5)];
    const [pa, pb, pBias, out] = [put(a), put(b), put(bias), engine.alloc(4 * 3 * 10 * 21)];
    matMul(engine, pa, pb, out, { ...shape, shareA: true, bias: pBias, relu: true });
    const threeA = new Float32Array([...a, ...a, ...a]);
    const expected = matMulReference(threeA, b, shape).map((value, i) => Math.max(0, value + bias[i % shape.n]!));
    expect(relativeError(take(out, expected.length), expected)).toBeLessThan(2e-6);
    for (const at of [pa, pb, pBias, out]) engine.free(at);
    expect(engine.bytesInUse).toBe(0);
  });

  it.each([10, 200])('shares B over a batch of %i rows each', (m) => {
    const shape = { batch: 3, m, k: 30, n: 21, transposeA: false, transposeB: false };
    const [a, b] = [numbers(3 * m * shape.k, 3), numbers(shape.k * shape.n, 4)];
    const [pa, pb, out] = [put(a), put(b), engine.alloc(4 * 3 * m * shape.n)];
    matMul(engine, pa, pb, out, { ...shape, shareB: true });
    const expected = matMulReference(a, new Float32Array([...b, ...b, ...b]), shape);
    expect(relativeError(take(out, expected.length), expected)).toBeLessThan(2e-6);
    for (const at of [pa, pb, out]) engine.free(at);
  });
});
