import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as augment from '@selfsup/augment';
import type { AnyOp, Image, ViewKey } from '@selfsup/augment';

/** Every op that works for any number of channels, and does not change a size of 24. */
const ops: Readonly<Record<string, AnyOp>> = {
  randomCrop: augment.randomCrop({ size: 24, padding: 5, mode: 'reflect' }),
  centerCrop: augment.centerCrop({ size: 24 }),
  randomResizedCrop: augment.randomResizedCrop({ size: 24 }),
  flip: augment.randomFlip(),
  verticalFlip: augment.randomFlip({ direction: 'vertical' }),
  rotation: augment.randomRotation({ degrees: 180, interpolation: 'bilinear', fill: 7 }),
  affine: augment.randomAffine({ degrees: 10, translate: [0.2, 0.2], scale: [0.5, 2], shear: 20 }),
  brightness: augment.colorJitter({ brightness: 0.8, contrast: 0.8 }),
  gaussianBlur: augment.gaussianBlur({ kernelSize: 5 }),
  solarize: augment.solarize(),
  posterize: augment.posterize({ bits: [1, 7] }),
  invert: augment.invert(),
  equalize: augment.equalize(),
  autocontrast: augment.autocontrast(),
  sharpness: augment.sharpness({ factor: [0, 2] }),
  erasing: augment.randomErasing({ fill: 'noise' }),
  cutout: augment.cutout({ size: 9, fill: 100 }),
};

function noise(channels: number, seed: number, side = 24): Image {
  const rng = augment.rngFor(seed);
  return { data: Uint8Array.from({ length: side * side * channels }, () => rng.integer(256)), height: side, width: side, channels };
}

const key = (index: number): ViewKey => ({ seed: 5, epoch: 1, index, view: 0 });

describe.each(Object.entries(ops))('%s', (_name, op) => {
  test('replays from JSON, leaves its input alone, and gives the same within a pipeline and by itself', () => {
    const pipeline = augment.viewPipeline({ size: 24, ops: [op] });
    for (let index = 0; index < 20; index++) {
      const image = noise(3, index);
      const before = image.data.slice();
      const params = JSON.parse(JSON.stringify(pipeline.sample(image, key(index)))) as ReturnType<typeof pipeline.sample>;
      expect(pipeline.replay(image, params)).toEqual(pipeline.render(image, key(index)));
      const alone = params[0]!.params === null ? image : op.apply(image, params[0]!.params as never);
      expect(pipeline.apply(image, params).data).toEqual(alone.data);
      expect(image.data).toEqual(before);
    }
  });

  test('treats every channel alike', () => {
    // Noise is drawn per sample, so it differs from channel to channel.
    const plain = op.name === 'randomErasing' ? augment.randomErasing({ fill: 9 }) : op;
    const many = augment.viewPipeline({ size: 24, channels: 5, ops: [plain] });
    const one = augment.viewPipeline({ size: 24, channels: 1, ops: [plain] });
    for (let index = 0; index < 10; index++) {
      const image = noise(1, index);
      const stacked = { ...image, channels: 5, data: Uint8Array.from({ length: image.data.length * 5 }, (_, i) => image.data[Math.floor(i / 5)]!) };
      const whole = many.render(stacked, key(index));
      const single = one.render(image, key(index));
      expect(whole.every((value, i) => value === single[Math.floor(i / 5)])).toBe(true);
    }
  });
});

describe('in any order', () => {
  test('ops change a picture that is mirrored and toned as they change one that is not', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(ops)), fc.nat({ max: 1000 }), (op, index) => {
        const before: readonly AnyOp[] = [augment.randomFlip({ probability: 1 }), augment.colorJitter({ brightness: [0.7, 0.7] })];
        const image = noise(3, index);
        const pending = augment.viewPipeline({ size: 24, ops: [...before, op] });
        const params = pending.sample(image, key(index));
        const made = before.reduce((picture, one, i) => one.apply(picture, params[i]!.params as never), image);
        const expected = params[2]!.params === null ? made : op.apply(made, params[2]!.params as never);
        expect(pending.apply(image, params).data).toEqual(expected.data);
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  test('a pipeline inside an op of a pipeline', () => {
    const inner = augment.viewPipeline({ size: 24, ops: [augment.randomResizedCrop({ size: 24 }), augment.colorJitter({ hue: 0.3 })] });
    const nested: AnyOp = {
      name: 'nested',
      options: {},
      sample: (rng) => rng.integer(1000),
      apply: (image: Image, index: number) => inner.apply(image, inner.sample(image, key(index))),
    };
    const flat = augment.viewPipeline({ size: 24, ops: [augment.grayscale(), nested, augment.randomFlip({ probability: 1 })] });
    const image = noise(3, 1);
    const params = flat.sample(image, key(1));
    const grey = augment.grayscale().apply(image, {});
    const middle = inner.apply(grey, inner.sample(grey, key(params[1]!.params as number)));
    expect(flat.apply(image, params).data).toEqual(augment.randomFlip().apply(middle, {}).data);
    const broken: AnyOp = { ...nested, apply: () => { throw new Error('broken'); } };
    const throwing = augment.viewPipeline({ size: 24, ops: [broken] });
    expect(() => throwing.render(image, key(0))).toThrow('broken');
    expect(flat.apply(image, params).data).toEqual(augment.randomFlip().apply(middle, {}).data);
  });
});

describe('refusals', () => {
  const image = noise(2, 0);
  const three = [1, 2, 3];
  test.each([
    ['channel-mismatch', () => augment.randomRotation({ degrees: 9, fill: three }).apply(image, { angle: 5 })],
    ['channel-mismatch', () => augment.randomAffine({ fill: three }).apply(image, { angle: 5, translate: [0, 0], scale: 1, shear: [0, 0] })],
    ['channel-mismatch', () => augment.cutout({ size: 3, fill: three }).apply(image, { top: 0, left: 0, height: 3, width: 3 })],
    ['channel-mismatch', () => augment.randomCrop({ size: 24, padding: 2, fill: three }).apply(image, { top: -1, left: 0, height: 24, width: 24 })],
    ['channel-mismatch', () => augment.viewPipeline({ size: 24, channels: 2, ops: [augment.grayscale()] })],
    ['channel-mismatch', () => augment.simclrCifar({ channels: 1 })],
    ['size-mismatch', () => augment.randomCrop({ size: 40, padding: 7 }).sample(augment.rngFor(0), image)],
    ['size-mismatch', () => augment.centerCrop({ size: 40 }).sample(augment.rngFor(0), image)],
    ['invalid-option', () => augment.randomCrop({ size: 4, padding: -1 })],
    ['invalid-option', () => augment.posterize({ bits: 9 })],
    ['invalid-option', () => augment.posterize({ bits: [2, 1] })],
    ['invalid-option', () => augment.sharpness({ factor: -1 })],
    ['invalid-option', () => augment.randomRotation({ degrees: [3, 2] })],
    // Without types, what is needed may be left out.
    ['invalid-option', () => augment.posterize({} as augment.PosterizeOptions)],
    ['invalid-option', () => augment.sharpness({} as augment.SharpnessOptions)],
    ['invalid-option', () => augment.randomRotation({} as augment.RandomRotationOptions)],
    ['invalid-option', () => augment.randomResizedCrop({} as augment.RandomResizedCropOptions)],
    ['invalid-option', () => augment.viewPipeline({ ops: [] } as unknown as augment.ViewPipelineOptions)],
    ['invalid-option', () => augment.byolCifar({ scales: [0.2, 1] } as augment.PresetOptions)],
    ['invalid-option', () => augment.swavCifar({ local: { crops: 2 } as augment.MultiCropPresetOptions['local'] & {} })],
    ['invalid-option', () => augment.randomAffine({ scale: [0, 1] })],
    ['invalid-option', () => augment.randomAffine({ translate: [0, 2] })],
    ['invalid-option', () => augment.randomErasing({ scale: [0, 2] })],
    ['invalid-option', () => augment.cutout({ size: 3, fill: 256 })],
    ['invalid-option', () => augment.cutout({ size: 3, fill: [] })],
  ])('%s (%#)', (code, run) => {
    expect(run).toThrow(expect.objectContaining({ name: 'AugmentError', code }));
  });
});
