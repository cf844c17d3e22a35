import { describe, expect, test } from 'vitest';
import { colorJitter, grayscale, oneOf, randomOrder, randomResizedCrop, rngFor, solarize } from '@selfsup/augment';
import { critical, distanceToUniform, tolerance } from './statistics.test-helper.ts';

const samples = 10_000;

describe('randomResizedCrop', () => {
  // Every area and ratio fits when the largest crop is small: the draw is exactly the published one.
  const crop = randomResizedCrop({ size: 8, scale: [0.08, 0.5] });
  const image = { height: 4000, width: 4000 };
  const boxes = Array.from({ length: samples }, (_, i) => crop.sample(rngFor(1, i), image)!);

  test('area is uniform, ratio uniform in its logarithm', () => {
    const areas = boxes.map((box) => (box.height * box.width) / (image.height * image.width));
    expect(distanceToUniform(areas, 0.08, 0.5)).toBeLessThan(critical(samples));
    const ratios = boxes.map((box) => Math.log(box.width / box.height));
    expect(distanceToUniform(ratios, Math.log(3 / 4), Math.log(4 / 3))).toBeLessThan(critical(samples));
  });

  test('place is uniform', () => {
    const tops = boxes.map((box) => box.top / (image.height - box.height + 1));
    const lefts = boxes.map((box) => box.left / (image.width - box.width + 1));
    expect(distanceToUniform(tops, 0, 1)).toBeLessThan(critical(samples) + 1e-3);
    expect(distanceToUniform(lefts, 0, 1)).toBeLessThan(critical(samples) + 1e-3);
  });

  test('falls back to the largest centred crop of an allowed ratio', () => {
    const wide = randomResizedCrop({ size: 8, scale: [0.5, 1] }).sample(rngFor(0), { height: 10, width: 1000 });
    expect(wide).toEqual({ top: 0, left: 493, height: 10, width: 13 });
    const tall = randomResizedCrop({ size: 8, scale: [0.5, 1] }).sample(rngFor(0), { height: 1000, width: 30 });
    expect(tall).toEqual({ top: 480, left: 0, height: 40, width: 30 });
  });
});

describe('colorJitter', () => {
  const jitter = colorJitter({ brightness: 0.4, contrast: [0.5, 0.9], saturation: 1.5, hue: 0.1 });
  const all = Array.from({ length: samples }, (_, i) => jitter.sample(rngFor(2, i), { height: 1, width: 1 })!);
  const ranges = { brightness: [0.6, 1.4], contrast: [0.5, 0.9], saturation: [0, 2.5], hue: [-0.1, 0.1] } as const;

  test.each(Object.entries(ranges))('%s is uniform in its range', (adjust, [low, high]) => {
    const values = all.map((adjustments) => adjustments.find((one) => one.adjust === adjust)!.by);
    expect(distanceToUniform(values, low, high)).toBeLessThan(critical(samples));
  });

  test('all 24 orders are equally likely', () => {
    const counts = new Map<string, number>();
    for (const adjustments of all) {
      const order = adjustments.map(({ adjust }) => adjust[0]).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values()) expect(Math.abs(count / samples - 1 / 24)).toBeLessThan(tolerance(1 / 24, samples));
  });

  test('a fixed order stays, and what has strength 0 is not drawn', () => {
    const fixed = colorJitter({ brightness: 0.4, contrast: 0.4, order: 'fixed' });
    for (let i = 0; i < 20; i++) {
      expect(fixed.sample(rngFor(i), { height: 1, width: 1 })!.map(({ adjust }) => adjust)).toEqual(['brightness', 'contrast']);
    }
  });
});

describe('combinators', () => {
  test('oneOf follows its weights', () => {
    const one = oneOf([grayscale(), solarize(), colorJitter({ hue: 0.1 })], [1, 0, 3]);
    const picks = Array.from({ length: samples }, (_, i) => one.sample(rngFor(4, i), { height: 4, width: 4 })![0]!.op);
    expect(picks.filter((op) => op === 1)).toHaveLength(0);
    expect(Math.abs(picks.filter((op) => op === 0).length / samples - 0.25)).toBeLessThan(tolerance(0.25, samples));
  });

  test('randomOrder draws every order equally often', () => {
    const shuffled = randomOrder([grayscale(), solarize(), colorJitter({ hue: 0.1 })]);
    const counts = new Map<string, number>();
    for (let i = 0; i < samples; i++) {
      const order = shuffled.sample(rngFor(5, i), { height: 4, width: 4 })!.map(({ op }) => op).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count / samples - 1 / 6)).toBeLessThan(tolerance(1 / 6, samples));
  });
});
