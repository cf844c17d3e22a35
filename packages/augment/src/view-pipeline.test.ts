import { describe, expect, test } from 'vitest';
import { byolCifar, colorJitter, gaussianBlur, randomFlip, randomResizedCrop, rngFor, viewPipeline } from '@selfsup/augment';
import type { AnyOp, Image, ViewKey } from '@selfsup/augment';

function noise(height: number, width: number, channels = 3, seed = 0): Image {
  const rng = rngFor(seed);
  return { data: Uint8Array.from({ length: height * width * channels }, () => rng.integer(256)), height, width, channels };
}

const key: ViewKey = { seed: 7, epoch: 2, index: 31, view: 1 };

describe('viewPipeline', () => {
  test('a view depends on its key and image alone, not on what was rendered before', () => {
    const image = noise(40, 48);
    const first = byolCifar().b.render(image, key).slice();
    const { b } = byolCifar();
    for (let index = 0; index < 20; index++) b.render(noise(17, 90, 3, index), { ...key, index });
    expect(b.render(image, key)).toEqual(first);
    for (const change of ['seed', 'epoch', 'index', 'view'] as const) {
      expect(b.render(image, { ...key, [change]: key[change] + 1 })).not.toEqual(first);
    }
  });

  test('parameters survive JSON and replay bit for bit', () => {
    const image = noise(33, 50);
    const { a } = byolCifar();
    for (let index = 0; index < 50; index++) {
      const at = { ...key, index };
      const params = JSON.parse(JSON.stringify(a.sample(image, at))) as ReturnType<typeof a.sample>;
      expect(a.replay(image, params)).toEqual(a.render(image, at));
    }
  });

  test('has the shape that a loader of views asks for', () => {
    interface Renderer {
      readonly height: number;
      readonly width: number;
      readonly channels: number;
      readonly render: (image: Image, at: ViewKey, out: Float32Array) => void;
    }
    const renderer: Renderer = byolCifar().a;
    expect([renderer.height, renderer.width, renderer.channels]).toEqual([32, 32, 3]);
  });

  test('leaves the image alone and fills the given array', () => {
    const image = noise(32, 32);
    const before = image.data.slice();
    const out = new Float32Array(32 * 32 * 3);
    const { a } = byolCifar();
    for (let index = 0; index < 30; index++) expect(a.render(image, { ...key, index }, out)).toBe(out);
    expect(image.data).toEqual(before);
  });

  test('renders the same pixels with ops that only have apply', () => {
    const ops = [
      randomResizedCrop({ size: 20 }),
      randomFlip(),
      colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
      gaussianBlur({ kernelSize: 5 }),
    ];
    const plain = (ops as readonly AnyOp[]).map(
      ({ name, options, sample, apply, outputSize }): AnyOp => ({
        name,
        options,
        sample,
        apply,
        ...(outputSize && { outputSize }),
      }),
    );
    const image = noise(31, 27);
    const fused = viewPipeline({ size: 20, ops });
    const slow = viewPipeline({ size: 20, ops: plain });
    for (let index = 0; index < 40; index++) {
      expect(slow.render(image, { ...key, index })).toEqual(fused.render(image, { ...key, index }));
    }
  });

  test('what one op draws does not depend on the others', () => {
    const without = byolCifar({ jitterProbability: 0.1 }).b.sample(noise(32, 32), key);
    const withJitter = byolCifar({ jitterProbability: 0.9 }).b.sample(noise(32, 32), key);
    for (const op of ['randomResizedCrop', 'randomFlip', 'grayscale', 'solarize']) {
      expect(without.find((entry) => entry.op === op)).toEqual(withJitter.find((entry) => entry.op === op));
    }
  });
});

describe('viewPipeline errors', () => {
  const image = noise(32, 32);
  const { a } = byolCifar();
  test.each([
    ['channel-mismatch', () => byolCifar({ channels: 1 })],
    ['channel-mismatch', () => a.render(noise(32, 32, 1), key)],
    ['channel-mismatch', () => viewPipeline({ size: 8, channels: 4, ops: [], normalize: { mean: [0, 0], std: [1, 1] } })],
    ['size-mismatch', () => a.render(image, key, new Float32Array(5))],
    ['size-mismatch', () => viewPipeline({ size: 16, ops: [] }).render(image, key)],
    ['invalid-parameters', () => a.replay(image, [])],
    ['invalid-key', () => a.render(image, { ...key, index: 0.5 })],
    ['invalid-image', () => a.render({ ...image, width: 31 }, key)],
    ['invalid-image', () => a.render({ ...image, height: 0 }, key)],
    ['invalid-option', () => viewPipeline({ size: 0, ops: [] })],
    ['invalid-option', () => randomFlip({ probability: 1.5 })],
    ['invalid-option', () => gaussianBlur({ kernelSize: 4 })],
    ['invalid-option', () => gaussianBlur({ sigma: [0, 1] })],
    ['invalid-option', () => colorJitter({ hue: 0.6 })],
    ['invalid-option', () => randomResizedCrop({ size: 8, scale: [1, 0.2] })],
  ])('%s (%#)', (code, run) => {
    expect(run).toThrow(expect.objectContaining({ name: 'AugmentError', code }));
  });
});
