import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useCpuBackend } from '../test/cpu-backend.ts';
import { crossPolytope, drawFeatures, featuresOf } from '../test/features.ts';
import { alignment, effectiveRank, outputStd, uniformity } from './index.ts';
import { uniform } from './random.ts';

beforeAll(useCpuBackend);

describe('outputStd', () => {
  it('is 1 for directions spread evenly, whatever their lengths', () => {
    const even = crossPolytope(5);
    expect(outputStd(even)).toBeCloseTo(1, 6);
    expect(outputStd({ ...even, data: even.data.map((value, i) => value * (i + 1)) })).toBeCloseTo(1, 6);
  });

  it('is 0 at collapse, also when only the lengths differ', () => {
    expect(outputStd(featuresOf([[1, 2, 2], [2, 4, 4], [0.5, 1, 1]]))).toBeCloseTo(0, 6);
  });

  it('is √2 / 2 when one of two dimensions is dead', () => {
    expect(outputStd(featuresOf([[1, 0], [-3, 0]]))).toBeCloseTo(Math.SQRT1_2, 6);
  });
});

describe('effectiveRank', () => {
  it('counts equal singular values', () => {
    expect(effectiveRank(crossPolytope(7))).toBeCloseTo(7, 6);
  });

  it('is 1 when all rows lie on one line, to 1e-4', () => {
    const random = uniform(1);
    const scales = Array.from({ length: 50 }, () => random() - 0.5);
    expect(effectiveRank(featuresOf(scales.map((scale) => [scale, 2 * scale, -scale, 8 * scale])))).toBeCloseTo(1, 4);
  });

  it('is the exponential entropy of singular values 2 and 1, standing or lying', () => {
    const expected = Math.exp(-(2 / 3) * Math.log(2 / 3) - (1 / 3) * Math.log(1 / 3));
    expect(effectiveRank(featuresOf([[2, 0, 0], [0, 1, 0]]))).toBeCloseTo(expected, 6);
    expect(effectiveRank(featuresOf([[2, 0], [0, 1], [0, 0]]))).toBeCloseTo(expected, 6);
  });

  it('does not change under a rotation', () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const turned = featuresOf([[2 * c, 2 * s], [-s, c]]);
    expect(effectiveRank(turned)).toBeCloseTo(effectiveRank(featuresOf([[2, 0], [0, 1]])), 5);
  });

  it('is 0 for zeros', () => {
    expect(effectiveRank(featuresOf([[0, 0], [0, 0]]))).toBe(0);
  });
});

describe('alignment', () => {
  it('is 2 − 2·cos θ for views at an angle θ, whatever their lengths', () => {
    const a = featuresOf([[1, 0], [0, 5]]);
    const b = featuresOf([[2 * Math.cos(0.4), 2 * Math.sin(0.4)], [Math.sin(0.4), Math.cos(0.4)]]);
    expect(alignment(a, b)).toBeCloseTo(2 - 2 * Math.cos(0.4), 6);
    expect(alignment(a, b, { alpha: 1 })).toBeCloseTo(2 * Math.sin(0.2), 6);
    expect(alignment(a, a)).toBe(0);
  });

  it('refuses views of different images', () => {
    expect(() => alignment(featuresOf([[1]]), featuresOf([[1], [2]]))).toThrow('a has 1 rows but b has 2');
    expect(() => alignment(featuresOf([[1]]), featuresOf([[1]]), { alpha: 0 })).toThrow('alpha is 0');
  });
});

describe('uniformity', () => {
  it('is 0 at collapse, −2t at right angles, −4t for opposites', async () => {
    const before = memory().numTensors;
    expect(await uniformity(featuresOf([[1, 2], [2, 4], [3, 6]]))).toBeCloseTo(0, 5);
    expect(await uniformity(featuresOf([[1, 0, 0], [0, 2, 0], [0, 0, 3]]))).toBeCloseTo(-4, 5);
    expect(await uniformity(featuresOf([[1, 0], [-9, 0]]), { t: 3 })).toBeCloseTo(-12, 4);
    expect(memory().numTensors).toBe(before);
  });

  it('averages over every pair once', async () => {
    // Of the 15 pairs of ±e1, ±e2, ±e3, three are opposites and twelve at right angles.
    expect(await uniformity(crossPolytope(3))).toBeCloseTo(Math.log((12 * Math.exp(-4) + 3 * Math.exp(-8)) / 15), 5);
  });

  it('tells a sphere from a cap', async () => {
    const random = uniform(2);
    const sphere = drawFeatures(200, 8, () => random() - 0.5);
    const cap = { ...sphere, data: sphere.data.map((value) => value + 1) };
    expect(await uniformity(sphere)).toBeLessThan((await uniformity(cap)) - 1);
  });

  it('needs a pair', async () => {
    await expect(uniformity(featuresOf([[1, 2]]))).rejects.toMatchObject({ code: 'bad-option' });
  });
});
