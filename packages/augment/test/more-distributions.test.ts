import { describe, expect, test } from 'vitest';
import { cutout, mixup, posterize, randomAffine, randomCrop, randomErasing, randomRotation, rngFor, sharpness } from '@selfsup/augment';
import { critical, distanceToUniform, tolerance } from './statistics.test-helper.ts';

const samples = 10_000;
const image = { height: 400, width: 300 };

/** The parameters of many draws, `null` left out. */
const draws = <P>(op: { readonly sample: (rng: ReturnType<typeof rngFor>, size: typeof image) => P | null }, size = image): readonly P[] =>
  Array.from({ length: samples }, (_, i) => op.sample(rngFor(11, i), size)).filter((params): params is Awaited<P> & P => params !== null);

test('randomCrop: every place equally often, padding included', () => {
  const boxes = draws(randomCrop({ size: 32, padding: 4 }), { height: 32, width: 32 });
  for (const side of ['top', 'left'] as const) {
    for (let place = -4; place <= 4; place++) {
      const share = boxes.filter((box) => box[side] === place).length / samples;
      expect(Math.abs(share - 1 / 9)).toBeLessThan(tolerance(1 / 9, samples));
    }
  }
});

test('randomRotation and randomAffine: uniform in their ranges', () => {
  expect(distanceToUniform(draws(randomRotation({ degrees: 30 })).map(({ angle }) => angle), -30, 30)).toBeLessThan(critical(samples));
  const drawn = draws(randomAffine({ degrees: [5, 20], translate: [0.1, 0.25], scale: [0.8, 1.5], shear: [[-4, 6], [0, 10]] }));
  expect(distanceToUniform(drawn.map(({ angle }) => angle), 5, 20)).toBeLessThan(critical(samples));
  expect(distanceToUniform(drawn.map(({ scale }) => scale), 0.8, 1.5)).toBeLessThan(critical(samples));
  expect(distanceToUniform(drawn.map(({ shear }) => shear[0]), -4, 6)).toBeLessThan(critical(samples));
  expect(distanceToUniform(drawn.map(({ shear }) => shear[1]), 0, 10)).toBeLessThan(critical(samples));
  // Shifts are whole pixels: half a pixel of room at both ends.
  expect(distanceToUniform(drawn.map(({ translate }) => translate[0]), -30.5, 30.5)).toBeLessThan(critical(samples) + 0.01);
  expect(distanceToUniform(drawn.map(({ translate }) => translate[1]), -100.5, 100.5)).toBeLessThan(critical(samples) + 0.01);
  expect(Math.max(...drawn.map(({ translate }) => Math.abs(translate[0])))).toBe(30);
});

test('randomErasing: area uniform, ratio uniform in its logarithm, always inside', () => {
  const large = { height: 3000, width: 3000 };
  const boxes = draws(randomErasing({ ratio: [0.5, 2] }), large);
  expect(boxes).toHaveLength(samples);
  expect(distanceToUniform(boxes.map(({ height, width }) => (height * width) / 9e6), 0.02, 0.33)).toBeLessThan(critical(samples));
  expect(distanceToUniform(boxes.map(({ height, width }) => Math.log(height / width)), Math.log(0.5), Math.log(2))).toBeLessThan(critical(samples) + 1e-3);
  expect(distanceToUniform(boxes.map(({ top, height }) => top / (3000 - height + 1)), 0, 1)).toBeLessThan(critical(samples) + 1e-3);
  expect(boxes.every(({ top, left, height, width }) => top + height <= 3000 && left + width <= 3000)).toBe(true);
  expect(new Set(boxes.map(({ seed }) => seed))).toEqual(new Set([null]));
  expect(new Set(draws(randomErasing({ fill: 'noise' })).map(({ seed }) => seed)).size).toBeGreaterThan(samples - 5);
  expect(draws(randomErasing({ scale: [1, 1] }))).toHaveLength(0);
});

test('cutout: every pixel equally often at the centre, cut off at the border', () => {
  const boxes = draws(cutout({ size: 16 }), { height: 32, width: 32 });
  const whole = boxes.filter(({ height, width }) => height === 16 && width === 16).length / samples;
  // 17 of 32 centres leave the square whole, in either direction.
  expect(Math.abs(whole - (17 / 32) ** 2)).toBeLessThan(tolerance((17 / 32) ** 2, samples));
  expect(boxes.every(({ top, left, height, width }) => top >= 0 && left >= 0 && top + height <= 32 && left + width <= 32 && height >= 8)).toBe(true);
});

test('posterize and sharpness: uniform in their ranges', () => {
  const bits = draws(posterize({ bits: [3, 8] })).map((params) => params.bits);
  for (let n = 3; n <= 8; n++) expect(Math.abs(bits.filter((b) => b === n).length / samples - 1 / 6)).toBeLessThan(tolerance(1 / 6, samples));
  expect(distanceToUniform(draws(sharpness({ factor: [0.5, 2] })).map(({ factor }) => factor), 0.5, 2)).toBeLessThan(critical(samples));
});

describe('mixup', () => {
  const lambdas = (alpha: number): readonly number[] =>
    Array.from({ length: samples }, (_, i) => mixup({ alpha }).sample(rngFor(12, i), 4).lambda);

  test('λ follows Beta(alpha, alpha): uniform for 1, and mean ½ and variance 1 / (8·alpha + 4) for any', () => {
    expect(distanceToUniform(lambdas(1), 0, 1)).toBeLessThan(critical(samples));
    for (const alpha of [0.2, 0.5, 3]) {
      const drawn = lambdas(alpha);
      const mean = drawn.reduce((sum, x) => sum + x, 0) / samples;
      const variance = drawn.reduce((sum, x) => sum + (x - mean) ** 2, 0) / samples;
      expect(mean).toBeCloseTo(0.5, 1);
      expect(variance * (8 * alpha + 4)).toBeGreaterThan(0.95);
      expect(variance * (8 * alpha + 4)).toBeLessThan(1.05);
    }
    expect(lambdas(1e-9).every((lambda) => lambda === 0 || lambda === 1)).toBe(true);
  });

  test('partners are a permutation, every one as often', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < samples; i++) {
      const { partners } = mixup().sample(rngFor(13, i), 3);
      counts.set(partners.join(), (counts.get(partners.join()) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count / samples - 1 / 6)).toBeLessThan(tolerance(1 / 6, samples));
  });

  test('mixes, leaves the batch alone, and replays from JSON', () => {
    const batch = { data: Float32Array.of(0, 1, 10, 20), shape: [2, 1, 2, 1] } as const;
    const params = JSON.parse(JSON.stringify({ lambda: 0.25, partners: [1, 0] }));
    expect([...mixup().apply(batch, params).data]).toEqual([7.5, 15.25, 2.5, 5.75]);
    expect([...batch.data]).toEqual([0, 1, 10, 20]);
    const wrong = expect.objectContaining({ code: 'size-mismatch' });
    expect(() => mixup().apply(batch, { lambda: 0.5, partners: [0] })).toThrow(wrong);
    expect(() => mixup().apply(batch, { lambda: 0.5, partners: [0, 2] })).toThrow(wrong);
    expect(() => mixup({ alpha: 0 })).toThrow(expect.objectContaining({ code: 'invalid-option' }));
  });
});
