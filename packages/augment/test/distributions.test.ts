import { describe, expect, test } from 'vitest';
import {
  byolCifar,
  byolImageNet,
  colorJitter,
  grayscale,
  grayscaleViews,
  oneOf,
  randomOrder,
  randomResizedCrop,
  rngFor,
  simsiamCifar,
  simsiamImageNet,
  solarize,
} from '@selfsup/augment';
import type { Adjustment, Box, Json, ViewPipeline } from '@selfsup/augment';

const samples = 10_000;

/** Kolmogorov–Smirnov distance between values and the uniform distribution on [low, high]. */
function distanceToUniform(values: readonly number[], low: number, high: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.reduce((worst, value, i) => {
    const expected = (value - low) / (high - low);
    return Math.max(worst, Math.abs(expected - i / sorted.length), Math.abs(expected - (i + 1) / sorted.length));
  }, 0);
}

/** The distance that n uniform values exceed once in 10,000 times. */
const critical = (n: number): number => Math.sqrt(-Math.log(5e-5) / 2 / n);

/** Four standard errors of a share near p. */
const tolerance = (p: number, n: number): number => 4 * Math.sqrt((p * (1 - p)) / n);

function drawn(pipeline: ViewPipeline, op: string, size = { height: 500, width: 500 }): readonly (Json | undefined)[] {
  return Array.from({ length: samples }, (_, index) =>
    pipeline.sample(size, { seed: 3, epoch: 0, index, view: 0 }).find((entry) => entry.op === op)?.params,
  );
}

const share = (params: readonly (Json | undefined)[]): number =>
  params.filter((value) => value !== null && value !== undefined).length / params.length;

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

describe('presets draw the published numbers', () => {
  const { a, b } = byolImageNet();
  test.each([
    ['BYOL a', a, { randomFlip: 0.5, colorJitter: 0.8, grayscale: 0.2, gaussianBlur: 1, solarize: 0 }],
    ['BYOL b', b, { randomFlip: 0.5, colorJitter: 0.8, grayscale: 0.2, gaussianBlur: 0.1, solarize: 0.2 }],
    ['BYOL CIFAR a', byolCifar().a, { randomFlip: 0.5, colorJitter: 0.8, grayscale: 0.2, gaussianBlur: 0, solarize: 0 }],
    ['BYOL CIFAR b', byolCifar().b, { randomFlip: 0.5, colorJitter: 0.8, grayscale: 0.2, gaussianBlur: 0, solarize: 0.2 }],
    ['SimSiam', simsiamImageNet().b, { randomFlip: 0.5, colorJitter: 0.8, grayscale: 0.2, gaussianBlur: 0.5, solarize: 0 }],
    ['SimSiam CIFAR', simsiamCifar().a, { randomFlip: 0.5, colorJitter: 0.8, grayscale: 0.2, gaussianBlur: 0, solarize: 0 }],
    ['grey', grayscaleViews().a, { randomFlip: 0.5, colorJitter: 0.8, grayscale: 0, gaussianBlur: 0, solarize: 0 }],
  ] as const)('%s: how often each op applies', (_, pipeline, expected) => {
    for (const [op, p] of Object.entries(expected)) {
      expect(Math.abs(share(drawn(pipeline, op)) - p), op).toBeLessThanOrEqual(tolerance(p, samples));
    }
  });

  test('sigma is uniform in [.1, 2] and the kernel a tenth of 224, odd', () => {
    const blurs = drawn(a, 'gaussianBlur') as readonly { readonly sigma: number; readonly kernelSize: number }[];
    expect(distanceToUniform(blurs.map(({ sigma }) => sigma), 0.1, 2)).toBeLessThan(critical(samples));
    expect(new Set(blurs.map(({ kernelSize }) => kernelSize))).toEqual(new Set([23]));
  });

  test.each([
    ['BYOL', a, [0.08, 1], { brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 }, 'bicubic', 224],
    ['BYOL CIFAR', byolCifar().a, [0.08, 1], { brightness: 0.4, contrast: 0.4, saturation: 0.2, hue: 0.1 }, 'bicubic', 32],
    ['SimSiam', simsiamImageNet().a, [0.2, 1], { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }, 'bilinear', 224],
    ['SimSiam CIFAR', simsiamCifar().a, [0.2, 1], { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }, 'bilinear', 32],
    ['grey', grayscaleViews().b, [0.3, 1], { brightness: 0.4, contrast: 0.4, saturation: 0, hue: 0 }, 'bilinear', 28],
  ] as const)('%s: ranges', (_, pipeline, scale, strength, interpolation, size) => {
    expect(pipeline.ops[0]!.options).toMatchObject({ scale, ratio: [3 / 4, 4 / 3], interpolation, size: { height: size, width: size } });
    const areas = (drawn(pipeline, 'randomResizedCrop') as readonly Box[]).map((box) => (box.height * box.width) / 250_000);
    expect(Math.min(...areas)).toBeGreaterThan(scale[0] - 0.005);
    expect(Math.min(...areas)).toBeLessThan(scale[0] + 0.005);
    expect(Math.max(...areas)).toBeGreaterThan(0.98);
    const adjustments = drawn(pipeline, 'colorJitter').flatMap((params) => (params ?? []) as readonly Adjustment[]);
    for (const [adjust, x] of Object.entries(strength)) {
      const values = adjustments.flatMap((one) => (one.adjust === adjust ? [one.by] : []));
      if (x === 0) expect(values).toHaveLength(0);
      else {
        const middle = adjust === 'hue' ? 0 : 1;
        expect(distanceToUniform(values, middle - x, middle + x), adjust).toBeLessThan(critical(values.length));
      }
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
