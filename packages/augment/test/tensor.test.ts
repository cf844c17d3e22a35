import '@tensorflow/tfjs-backend-cpu';
import { concat, engine, memory, setBackend, tensor4d } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import * as augment from '@selfsup/augment';
import type { AnyOp, Image, ViewKey, ViewPipeline } from '@selfsup/augment';
import { tensorPipeline } from '@selfsup/augment/tensor';

beforeAll(() => setBackend('cpu'));

/** Photographs are smooth, with edges and some noise. */
function scene(channels: number, seed: number, height: number, width: number): Image {
  const rng = augment.rngFor(seed);
  const [a, b, c] = [rng.uniform(1, 9), rng.uniform(1, 9), rng.uniform(0, 6)];
  const data = new Uint8Array(height * width * channels);
  for (let i = 0; i < data.length; i++) {
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    const smooth = 128 + 90 * Math.sin((a * x) / width + (b * y) / height + c * (i % channels));
    data[i] = Math.max(0, Math.min(255, (x > width / 2 && y > height / 3 ? 60 : 0) + smooth + rng.uniform(-12, 12)));
  }
  return { data, height, width, channels };
}

const keys = (count: number, first = 0): readonly ViewKey[] =>
  Array.from({ length: count }, (_, i) => ({ seed: 2, epoch: 1, index: first + i, view: 0 }));

const stack = (images: readonly Image[]): Tensor4D =>
  concat(images.map(({ data, height, width, channels }) => tensor4d(Float32Array.from(data), [1, height, width, channels])), 0);

/** The differences of all samples between both executors, in 1/255. */
function differences(pipeline: ViewPipeline, images: readonly Image[], at: readonly ViewKey[]): readonly number[] {
  const batch = stack(images);
  const views = tensorPipeline(pipeline).render(batch, at);
  expect(views.shape).toEqual([images.length, pipeline.height, pipeline.width, pipeline.channels]);
  const ours = views.dataSync();
  const std = pipeline.normalize?.std ?? [1];
  const expected = images.flatMap((image, i) => [...pipeline.render(image, at[i]!)]);
  batch.dispose();
  views.dispose();
  return expected.map((value, i) => Math.abs(value - ours[i]!) * (std[i % pipeline.channels] ?? std[0]!) * 255);
}

const side = { size: 24, interpolation: 'bicubic' } as const;
const presets: Readonly<Record<string, ViewPipeline>> = {
  'byol a': augment.byolImageNet({ size: 40 }).a,
  'byol b': augment.byolCifar({ size: 20, solarizeProbability: 0.5 }).b,
  simsiam: augment.simsiamImageNet({ size: 24, blur: { sigma: [0.1, 2], kernelSize: 9 } }).a,
  simclr: augment.simclrCifar({ size: 24 }).a,
  'moco v3': augment.mocoV3ImageNet({ size: 24 }).b,
  'swav local': augment.swavImageNet({ size: 24, local: { size: 11 } }).local1!,
  'dino global': augment.dinoCifar().global2,
  evaluation: augment.evaluationView({ size: 24, resizeShorter: 28 }),
};

const ops: Readonly<Record<string, AnyOp>> = {
  enlarge: augment.randomResizedCrop({ ...side, scale: [0.02, 0.2] }),
  shrink: augment.randomResizedCrop({ ...side, size: 5, scale: [0.5, 1] }),
  randomCrop: augment.randomCrop({ size: 20, padding: 5, fill: [9, 8, 7] }),
  reflected: augment.randomCrop({ size: 30, padding: 9, mode: 'symmetric' }),
  flip: augment.randomFlip(),
  verticalFlip: augment.randomFlip({ direction: 'vertical' }),
  rotation: augment.randomRotation({ degrees: 180, fill: [1, 2, 3] }),
  affine: augment.randomAffine({ degrees: 20, translate: [0.2, 0.2], scale: [0.5, 2], shear: 20, interpolation: 'bilinear', fill: 90 }),
  jitter: augment.colorJitter({ brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.5 }),
  grayscale: augment.withProbability(0.5, augment.grayscale()),
  blur: augment.withProbability(0.7, augment.gaussianBlur({ kernelSize: 13 })),
  solarize: augment.withProbability(0.5, augment.solarize({ threshold: 0.3 })),
  posterize: augment.posterize({ bits: [1, 8] }),
  invert: augment.withProbability(0.5, augment.invert()),
  equalize: augment.withProbability(0.8, augment.equalize()),
  autocontrast: augment.withProbability(0.8, augment.autocontrast()),
  sharpness: augment.sharpness({ factor: [0, 3] }),
  erasing: augment.withProbability(0.8, augment.randomErasing({ fill: 'noise' })),
  cutout: augment.cutout({ size: 7, fill: [200, 0, 50] }),
  oneOf: augment.oneOf([augment.equalize(), augment.colorJitter({ hue: 0.2 }), augment.sharpness({ factor: 2 })]),
  randomOrder: augment.randomOrder([augment.gaussianBlur({ kernelSize: 3 }), augment.solarize(), augment.randomFlip()]),
  compose: augment.compose([augment.resize({ shorter: 18 }), augment.withProbability(0.5, augment.invert()), augment.centerCrop({ size: 12 })]),
};

describe('the tensor executor gives the pixel executor’s views', () => {
  test.each(Object.entries(presets))('%s', (_name, pipeline) => {
    const images = Array.from({ length: 8 }, (_, i) => scene(3, i, 36, 42));
    const found = differences(pipeline, images, keys(8));
    // Whole numbers below 2^24 are exact in 32-bit floats, so nothing differs but the last bit of normalising.
    expect(Math.max(...found)).toBeLessThan(1e-3);
  });

  test.each(Object.entries(ops))('%s', (_name, op) => {
    const images = Array.from({ length: 10 }, (_, i) => scene(3, 50 + i, 26, 24));
    const params = keys(10).map((key) => op.sample(augment.rngFor(key.index), images[0]!));
    const sized = op.outputSize?.(images[0]!, (params.find((one) => one !== null) ?? null) as never) ?? images[0]!;
    const found = differences(augment.viewPipeline({ size: sized, ops: [op] }), images, keys(10));
    expect(Math.max(...found)).toBeLessThan(1e-3);
  });

  test.each([1, 2, 5])('%i channels', (channels) => {
    const pipeline = augment.grayscaleViews({ channels, size: 16, blurProbability: 0.5, solarizeProbability: 0.5, jitterProbability: 1 }).a;
    const images = Array.from({ length: 6 }, (_, i) => scene(channels, i, 19, 17));
    expect(Math.max(...differences(pipeline, images, keys(6)))).toBeLessThan(1e-3);
  });

  test('a view does not depend on the rest of its batch', () => {
    const pipeline = augment.byolCifar().b;
    const images = Array.from({ length: 7 }, (_, i) => scene(3, i, 32, 32));
    const whole = tensorPipeline(pipeline).render(stack(images), keys(7)).dataSync();
    for (const i of [0, 3, 6]) {
      const alone = tensorPipeline(pipeline).render(stack([images[i]!]), keys(1, i)).dataSync();
      expect(alone).toEqual(whole.slice(i * 3072, (i + 1) * 3072));
    }
  });
});

describe('tensorPipeline', () => {
  test('keeps nothing but its result', () => {
    const images = stack([scene(3, 1, 32, 32), scene(3, 2, 32, 32)]);
    const before = memory().numTensors;
    const views = tensorPipeline(augment.byolCifar().a).render(images, keys(2));
    expect(memory().numTensors).toBe(before + 1);
    views.dispose();
    images.dispose();
    expect(engine().state.numTensors).toBe(before - 1);
  });

  test('takes integers, and replays parameters from JSON', () => {
    const image = scene(3, 3, 32, 32);
    const pipeline = augment.simsiamCifar().a;
    const params = [JSON.parse(JSON.stringify(pipeline.sample(image, keys(1)[0]!)))];
    const views = tensorPipeline(pipeline).replay(tensor4d(Int32Array.from(image.data), [1, 32, 32, 3], 'int32'), params);
    expect(views.dataSync()).toEqual(pipeline.replay(image, params[0]));
  });

  test('an op of the user’s own runs when it is made of strokes', () => {
    const own = augment.paintedOp({
      name: 'own',
      options: {},
      sample: (rng) => rng.integer(3),
      paint: (canvas, turns: number) => {
        for (let i = 0; i < turns; i++) canvas.turnOver();
        if (turns > 1) canvas.erase({ top: 1, left: 2, height: 3, width: canvas.width - 3 }, [1, 2, 3]);
      },
    });
    const images = Array.from({ length: 9 }, (_, i) => scene(3, i, 12, 12));
    expect(Math.max(...differences(augment.viewPipeline({ size: 12, ops: [own] }), images, keys(9)))).toBeLessThan(1e-3);
  });

  const plain: AnyOp = { name: 'plain', options: {}, sample: () => ({}), apply: (image: Image) => image };
  const pixelwise = augment.paintedOp({ name: 'pixelwise', options: {}, sample: () => ({}), paint: (canvas) => canvas.settle() });
  const uneven = augment.oneOf([augment.centerCrop({ size: 8 }), augment.invert()]);
  const run = (pipeline: ViewPipeline, count: number, channels = 3, first = 0) => (): unknown =>
    tensorPipeline(pipeline).render(stack([scene(channels, 1, 12, 12), scene(channels, 2, 12, 12)]), keys(count, first));
  const of = (...list: readonly AnyOp[]): ViewPipeline => augment.viewPipeline({ size: 12, ops: list });
  test.each([
    ['pixels-needed', run(of(plain), 2)],
    ['pixels-needed', run(of(pixelwise), 2)],
    ['size-mismatch', run(of(augment.invert()), 3)],
    ['size-mismatch', run(of(augment.centerCrop({ size: 8 })), 2)],
    // Some pair of images draws different parts, one of which changes the size.
    ['size-mismatch', () => Array.from({ length: 9 }, (_, i) => run(of(uneven, augment.resize({ size: 12 })), 2, 3, i)())],
    ['channel-mismatch', run(of(augment.invert()), 2, 1)],
    ['invalid-parameters', () => tensorPipeline(of(augment.invert())).replay(stack([scene(3, 1, 12, 12)]), [[]])],
  ])('%s (%#)', (code, call) => {
    expect(call).toThrow(expect.objectContaining({ name: 'AugmentError', code }));
  });
});
