import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  byolCifar,
  byolImageNet,
  colorJitter,
  compose,
  evaluationView,
  gaussianBlur,
  grayscale,
  grayscaleViews,
  imageNetStatistics,
  oneOf,
  randomFlip,
  randomOrder,
  randomResizedCrop,
  resize,
  rngFor,
  simsiamCifar,
  solarize,
  viewPipeline,
  withProbability,
} from '@selfsup/augment';
import type { AnyOp, Image } from '@selfsup/augment';

const imageOf = (channels: number): fc.Arbitrary<Image> =>
  fc
    .record({ height: fc.integer({ min: 1, max: 40 }), width: fc.integer({ min: 1, max: 40 }), seed: fc.nat() })
    .map(({ height, width, seed }) => {
      const rng = rngFor(seed);
      return { data: Uint8Array.from({ length: height * width * channels }, () => rng.integer(256)), height, width, channels };
    });

const viewKey = fc.record({ seed: fc.maxSafeInteger(), epoch: fc.nat(), index: fc.maxSafeNat(), view: fc.nat({ max: 9 }) });

describe('any image, any key', () => {
  const pipelines = [
    ...Object.values(byolCifar({ blurProbability: 1, size: 24 })),
    ...Object.values(byolImageNet({ size: 40 })),
    ...Object.values(simsiamCifar({ size: 9 })),
    ...Object.values(grayscaleViews({ channels: 3, blurProbability: 1, solarizeProbability: 1 })),
  ];
  test('the view is finite, of the right size, in the range of the statistics, and replays', () => {
    fc.assert(
      fc.property(imageOf(3), viewKey, fc.constantFrom(...pipelines), (image, key, pipeline) => {
        const view = pipeline.render(image, key);
        const { mean, std } = pipeline.normalize!;
        expect(view).toHaveLength(pipeline.height * pipeline.width * 3);
        for (let i = 0; i < view.length; i++) {
          const unit = view[i]! * (std[i % 3] ?? std[0]!) + (mean[i % 3] ?? mean[0]!);
          if (!(unit > -1e-5 && unit < 1 + 1e-5)) throw new Error(`value ${view[i]} at ${i}`);
        }
        const params = JSON.parse(JSON.stringify(pipeline.sample(image, key))) as ReturnType<typeof pipeline.sample>;
        expect(pipeline.replay(image, params)).toEqual(view);
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  test.each([
    [1, 1],
    [1, 5000],
    [5000, 1],
    [3, 2000],
  ])('a source of %i×%i renders', (height, width) => {
    const rng = rngFor(9);
    const image = { data: Uint8Array.from({ length: height * width * 3 }, () => rng.integer(256)), height, width, channels: 3 };
    for (const pipeline of pipelines) {
      for (let index = 0; index < 20; index++) {
        const view = pipeline.render(image, { seed: 0, epoch: 0, index, view: 0 });
        expect(view).toHaveLength(pipeline.height * pipeline.width * 3);
        expect(view.every(Number.isFinite)).toBe(true);
      }
    }
  });

  test('ops without colour take any number of channels', () => {
    for (const channels of [1, 2, 4, 5]) {
      const { a } = grayscaleViews({ channels, size: 12, blurProbability: 1, solarizeProbability: 1 });
      fc.assert(
        fc.property(imageOf(channels), viewKey, (image, key) => {
          const view = a.render(image, key);
          expect(view).toHaveLength(12 * 12 * channels);
          expect(view.every(Number.isFinite)).toBe(true);
        }),
        { numRuns: 40, seed: 2 },
      );
    }
  });

  test('every channel is treated as an image of its own by ops that do not mix them', () => {
    const ops: readonly AnyOp[] = [
      randomResizedCrop({ size: 11, interpolation: 'bicubic' }),
      randomFlip(),
      gaussianBlur({ kernelSize: 5 }),
      solarize(),
    ];
    const joint = viewPipeline({ size: 11, channels: 3, ops });
    const single = viewPipeline({ size: 11, channels: 1, ops });
    fc.assert(
      fc.property(imageOf(3), viewKey, (image, key) => {
        const whole = joint.render(image, key);
        for (let c = 0; c < 3; c++) {
          const plane = { ...image, channels: 1, data: image.data.filter((_, i) => i % 3 === c) };
          expect(single.render(plane, key)).toEqual(whole.filter((_, i) => i % 3 === c));
        }
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  test('clamped arrays and views into larger buffers give the same as plain arrays', () => {
    fc.assert(
      fc.property(imageOf(3), viewKey, (image, key) => {
        const { b } = byolCifar();
        const expected = b.render(image, key);
        const larger = new Uint8Array(image.data.length + 13);
        larger.set(image.data, 5);
        expect(b.render({ ...image, data: larger.subarray(5, 5 + image.data.length) }, key)).toEqual(expected);
        expect(b.render({ ...image, data: Uint8ClampedArray.from(image.data) }, key)).toEqual(expected);
        expect(b.render({ ...image, data: Buffer.from(image.data) }, key)).toEqual(expected);
      }),
      { numRuns: 30, seed: 4 },
    );
  });
});

describe('single ops', () => {
  test('two flips, a whole turn of nothing and factors of one change nothing', () => {
    fc.assert(
      fc.property(imageOf(3), (image) => {
        const flip = randomFlip();
        expect(flip.apply(flip.apply(image, {}), {}).data).toEqual(image.data);
        const neutral = (['brightness', 'contrast', 'saturation'] as const).map((adjust) => ({ adjust, by: 1 }));
        expect(colorJitter({}).apply(image, neutral).data).toEqual(image.data);
      }),
      { numRuns: 50, seed: 5 },
    );
  });

  test('a flat image stays flat under crop, resize and blur', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.double({ min: 0.05, max: 9, noNaN: true }), viewKey, (value, sigma, key) => {
        const image = { data: new Uint8Array(19 * 31 * 3).fill(value), height: 19, width: 31, channels: 3 };
        const ops = [randomResizedCrop({ size: 23, interpolation: 'bicubic' }), gaussianBlur({ sigma, kernelSize: 9 })];
        const pipeline = viewPipeline({ size: 23, ops });
        const view = pipeline.apply(image, pipeline.sample(image, key));
        expect(view.data.every((sample) => sample === value)).toBe(true);
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  test('grey pixels keep their value under saturation, hue and grayscale', () => {
    const image = { data: Uint8Array.from({ length: 256 * 3 }, (_, i) => Math.floor(i / 3)), height: 16, width: 16, channels: 3 };
    expect(colorJitter({}).apply(image, [{ adjust: 'hue', by: 0.3 }]).data).toEqual(image.data);
    expect(colorJitter({}).apply(image, [{ adjust: 'saturation', by: 1.7 }]).data).toEqual(image.data);
    expect(grayscale().apply(image, {}).data).toEqual(image.data);
  });

  test('saturation, hue and grayscale say what is wrong with an image that has no colour', () => {
    const image = { data: new Uint8Array(4), height: 2, width: 2, channels: 1 };
    const wrong = expect.objectContaining({ code: 'channel-mismatch' });
    expect(() => grayscale().apply(image, {})).toThrow(wrong);
    expect(() => colorJitter({ hue: 0.1 }).apply(image, [{ adjust: 'hue', by: 0.1 }])).toThrow(wrong);
    expect(() => compose([withProbability(0.5, colorJitter({ saturation: 0.1 }))]).apply(image, [])).toThrow(wrong);
    expect(() => colorJitter({ brightness: 0.4 }).apply(image, [{ adjust: 'brightness', by: 1.2 }])).not.toThrow();
  });
});

describe('combinators', () => {
  test('compose, oneOf and randomOrder follow the size and replay from JSON', () => {
    const ops = [
      compose([resize({ shorter: 30 }), withProbability(0.5, randomResizedCrop({ size: 25 }))]),
      oneOf([solarize(), colorJitter({ hue: 0.2 })]),
      randomOrder([randomFlip(), grayscale(), gaussianBlur()]),
      resize({ size: 16 }),
    ];
    const pipeline = viewPipeline({ size: 16, ops });
    fc.assert(
      fc.property(imageOf(3), viewKey, (image, key) => {
        const params = JSON.parse(JSON.stringify(pipeline.sample(image, key))) as ReturnType<typeof pipeline.sample>;
        expect(pipeline.replay(image, params)).toEqual(pipeline.render(image, key));
      }),
      { numRuns: 40, seed: 7 },
    );
  });
});

describe('evaluationView', () => {
  test('only normalises by default', () => {
    const image = { data: Uint8Array.from({ length: 12 }, (_, i) => i * 20), height: 2, width: 2, channels: 3 };
    const view = evaluationView({ size: 2, normalize: imageNetStatistics }).render(image, { seed: 0, epoch: 0, index: 0, view: 0 });
    const { mean, std } = imageNetStatistics;
    image.data.forEach((value, i) => {
      expect(view[i]).toBeCloseTo((value / 255 - mean[i % 3]!) / std[i % 3]!, 5);
    });
  });

  test('resizes and cuts out the middle, the same for every key', () => {
    const pipeline = evaluationView({ size: 14, resizeShorter: 16 });
    fc.assert(
      fc.property(imageOf(3), viewKey, viewKey, (image, key, other) => {
        expect(pipeline.render(image, key)).toEqual(pipeline.render(image, other));
      }),
      { numRuns: 30, seed: 8 },
    );
  });
});
