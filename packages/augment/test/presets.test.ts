import { describe, expect, test } from 'vitest';
import * as augment from '@selfsup/augment';
import type { Adjustment, Box, ViewParameters, ViewPipeline } from '@selfsup/augment';
import { critical, distanceToUniform, tolerance } from './statistics.test-helper.ts';

const samples = 10_000;

/** What a view is published to do. Probabilities that are not named are 0, but for the flip's .5 and the jitter's .8. */
interface Published {
  readonly size: number;
  readonly scale: readonly [number, number];
  readonly interpolation: 'bilinear' | 'bicubic';
  /** Brightness, contrast, saturation, hue. */
  readonly jitter: readonly [number, number, number, number];
  readonly grayscale?: number;
  readonly blur?: number;
  readonly solarize?: number;
}

const bicubic = 'bicubic' as const;
const bilinear = 'bilinear' as const;
const byol = { size: 224, scale: [0.08, 1], interpolation: bicubic, jitter: [0.4, 0.4, 0.2, 0.1], grayscale: 0.2 } as const;
const byolPair = { a: { ...byol, blur: 1 }, b: { ...byol, blur: 0.1, solarize: 0.2 } };
const byolSmall = { a: { ...byol, size: 32 }, b: { ...byol, size: 32, solarize: 0.2 } };
const simsiam = { size: 224, scale: [0.2, 1], interpolation: bilinear, jitter: [0.4, 0.4, 0.4, 0.1], grayscale: 0.2, blur: 0.5 } as const;
const simclr = { size: 224, scale: [0.08, 1], interpolation: bicubic, jitter: [0.8, 0.8, 0.8, 0.2], grayscale: 0.2, blur: 0.5 } as const;
const swav = { size: 224, scale: [0.14, 1], interpolation: bilinear, jitter: [0.8, 0.8, 0.8, 0.2], grayscale: 0.2, blur: 0.5 } as const;
const swavSmall = { size: 32, scale: [0.2, 1], interpolation: bicubic, jitter: [0.6, 0.6, 0.6, 0.2], grayscale: 0.2 } as const;
const dino = { size: 224, scale: [0.4, 1], interpolation: bicubic, jitter: [0.4, 0.4, 0.2, 0.1], grayscale: 0.2 } as const;
const grey = { size: 28, scale: [0.3, 1], interpolation: bilinear, jitter: [0.4, 0.4, 0, 0] } as const;
/** A recipe for CIFAR without colour. */
const gray = <const T extends Published>(view: T): Published => ({ ...view, size: 28, jitter: [view.jitter[0], view.jitter[1], 0, 0], grayscale: 0, blur: 0 });
const same = <const T>(view: T): { readonly a: T; readonly b: T } => ({ a: view, b: view });
const locals = <const T>(count: number, view: T): Readonly<Record<string, T>> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`local${i + 1}`, view]));

const published: Readonly<Record<string, Readonly<Record<string, Published>>>> = {
  byolImageNet: byolPair,
  byolCifar: byolSmall,
  simsiamImageNet: same(simsiam),
  simsiamCifar: same({ ...simsiam, size: 32, blur: 0 }),
  simclrImageNet: same(simclr),
  simclrCifar: same({ ...simclr, size: 32, blur: 0, jitter: [0.4, 0.4, 0.4, 0.1] }),
  mocoV2ImageNet: same(simsiam),
  mocoV2Cifar: same({ ...simsiam, size: 32, scale: [0.08, 1], blur: 0 }),
  mocoV3ImageNet: { a: { ...byolPair.a, interpolation: bilinear }, b: { ...byolPair.b, interpolation: bilinear } },
  mocoV3Cifar: byolSmall,
  barlowTwinsImageNet: byolPair,
  barlowTwinsCifar: byolSmall,
  vicregImageNet: byolPair,
  vicregCifar: same({ ...byol, size: 32, scale: [0.2, 1], solarize: 0.1 }),
  swavImageNet: { global1: swav, global2: swav, ...locals(6, { ...swav, size: 96, scale: [0.05, 0.14] }) },
  swavCifar: {
    global1: swavSmall,
    global2: { ...swavSmall, solarize: 0.2 },
    ...locals(6, { ...swavSmall, size: 18, scale: [0.08, 0.5], jitter: [0.8, 0.8, 0.8, 0.2], blur: 0.1, solarize: 0.1 }),
  },
  dinoImageNet: {
    global1: { ...dino, blur: 1 },
    global2: { ...dino, blur: 0.1, solarize: 0.2 },
    ...locals(8, { ...dino, size: 96, scale: [0.05, 0.4], blur: 0.5 }),
  },
  dinoCifar: { global1: byolSmall.a, global2: byolSmall.b },
  byolGrayscale: { a: gray(byolSmall.a), b: gray(byolSmall.b) },
  simsiamGrayscale: same(gray(simsiam)),
  simclrGrayscale: same(gray({ ...simclr, jitter: [0.4, 0.4, 0, 0] })),
  mocoV2Grayscale: same(gray({ ...simsiam, scale: [0.08, 1] })),
  mocoV3Grayscale: { a: gray(byolSmall.a), b: gray(byolSmall.b) },
  barlowTwinsGrayscale: { a: gray(byolSmall.a), b: gray(byolSmall.b) },
  vicregGrayscale: same(gray({ ...byol, scale: [0.2, 1], solarize: 0.1 })),
  swavGrayscale: {
    global1: gray(swavSmall),
    global2: { ...gray(swavSmall), solarize: 0.2 },
    ...locals(6, { ...gray(swavSmall), size: 16, scale: [0.08, 0.5], jitter: [0.8, 0.8, 0, 0], blur: 0.1, solarize: 0.1 }),
  },
  dinoGrayscale: { global1: gray(byolSmall.a), global2: gray(byolSmall.b) },
  grayscaleViews: same(grey),
  grayscaleMultiCrop: { global1: { ...grey, scale: [0.4, 1] }, global2: { ...grey, scale: [0.4, 1] }, ...locals(6, { ...grey, size: 16, scale: [0.1, 0.4] }) },
};

const presets = augment as unknown as Readonly<Record<string, (options?: object) => Readonly<Record<string, ViewPipeline>>>>;

/** Large enough for crops to be as finely graded as their published range. */
const image = { height: 600, width: 600 };

function draw(pipeline: ViewPipeline, view: number): readonly ViewParameters[] {
  return Array.from({ length: samples }, (_, index) => pipeline.sample(image, { seed: 3, epoch: 0, index, view }));
}

function check(pipeline: ViewPipeline, view: number, expected: Published): void {
  const drawn = draw(pipeline, view);
  const paramsOf = (op: string): readonly unknown[] =>
    drawn.flatMap((entries) => {
      const params = entries.find((entry) => entry.op === op)?.params;
      return params === null || params === undefined ? [] : [params];
    });
  expect([pipeline.height, pipeline.width]).toEqual([expected.size, expected.size]);
  expect(pipeline.ops[0]!.options).toMatchObject({
    scale: expected.scale,
    ratio: [3 / 4, 4 / 3],
    interpolation: expected.interpolation,
    size: { height: expected.size, width: expected.size },
  });
  const shares = { randomFlip: 0.5, colorJitter: 0.8, grayscale: expected.grayscale ?? 0, gaussianBlur: expected.blur ?? 0, solarize: expected.solarize ?? 0 };
  for (const [op, p] of Object.entries(shares)) {
    expect(Math.abs(paramsOf(op).length / samples - p), op).toBeLessThanOrEqual(tolerance(p, samples));
  }
  const [low, high] = expected.scale;
  const areas = (paramsOf('randomResizedCrop') as readonly Box[]).map((box) => (box.height * box.width) / (image.height * image.width));
  expect(Math.min(...areas)).toBeGreaterThan(low - 0.005);
  expect(Math.min(...areas)).toBeLessThan(low + 0.005);
  expect(Math.max(...areas)).toBeLessThan(high + 0.005);
  expect(Math.max(...areas)).toBeGreaterThan(high - 0.02);
  // Crops of at most half the area always fit, so their area is exactly uniform.
  if (high <= 0.5) expect(distanceToUniform(areas, low, high)).toBeLessThan(critical(samples) + 0.005);
  const adjustments = paramsOf('colorJitter').flatMap((params) => params as readonly Adjustment[]);
  for (const [i, adjust] of (['brightness', 'contrast', 'saturation', 'hue'] as const).entries()) {
    const strength = expected.jitter[i]!;
    const values = adjustments.flatMap((one) => (one.adjust === adjust ? [one.by] : []));
    if (strength === 0) expect(values, adjust).toHaveLength(0);
    else {
      const middle = adjust === 'hue' ? 0 : 1;
      expect(distanceToUniform(values, middle - strength, middle + strength), adjust).toBeLessThan(critical(values.length));
    }
  }
  const sigmas = (paramsOf('gaussianBlur') as readonly { readonly sigma: number }[]).map(({ sigma }) => sigma);
  if (sigmas.length > 0) expect(distanceToUniform(sigmas, 0.1, 2)).toBeLessThan(critical(sigmas.length));
  for (const { threshold } of paramsOf('solarize') as readonly { readonly threshold: number }[]) expect(threshold).toBe(0.5);
}

describe('10,000 samples of every preset follow the published numbers', () => {
  test.each(Object.keys(published))('%s', (name) => {
    const views = presets[name]!();
    expect(Object.keys(views)).toEqual(Object.keys(published[name]!));
    Object.values(views).forEach((pipeline, view) => check(pipeline, view, published[name]![pipeline.name.split('/')[1]!]!));
  });

  test('the kernel of the blur is a tenth of 224 pixels, odd, for small views too', () => {
    for (const pipeline of [augment.byolImageNet().a, augment.dinoImageNet().local1!, augment.swavImageNet().local6!]) {
      const kernels = draw(pipeline, 0).slice(0, 200).map((entries) => entries.find(({ op }) => op === 'gaussianBlur')?.params);
      expect(new Set(kernels.flatMap((params) => (params as { readonly kernelSize: number } | null)?.kernelSize ?? []))).toEqual(new Set([23]));
    }
  });
});

describe('one changed number is one line', () => {
  test.each(Object.keys(published))('%s', (name) => {
    const views = presets[name]!({ scale: [0.3, 0.6], jitterProbability: 0.25 });
    const first = Object.values(views)[0]!;
    const original = Object.values(presets[name]!())[0]!;
    expect(first.ops[0]!.options).toEqual({ ...(original.ops[0]!.options as object), scale: [0.3, 0.6] });
    expect(first.ops.find((op) => op.name === 'colorJitter')!.options).toMatchObject({ probability: 0.25 });
    expect(first.ops.map((op) => op.name)).toEqual(original.ops.map((op) => op.name));
  });

  test('small views of multi-crop change by themselves', () => {
    const views = augment.swavImageNet({ local: { views: 2, scale: [0.05, 0.2] } });
    expect(Object.keys(views)).toEqual(['global1', 'global2', 'local1', 'local2']);
    expect(views.local2!.ops[0]!.options).toMatchObject({ scale: [0.05, 0.2], size: { height: 96, width: 96 } });
    expect(views.global1.ops[0]!.options).toMatchObject({ scale: [0.14, 1] });
    expect(Object.keys(augment.dinoCifar({ local: { views: 3 } }))).toHaveLength(5);
  });
});
