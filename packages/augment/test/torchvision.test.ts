import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  centerCrop,
  colorJitter,
  gaussianBlur,
  grayscale,
  randomFlip,
  randomResizedCrop,
  resize,
  rngFor,
  solarize,
} from '@selfsup/augment';
import type { Adjustment, Image, Interpolation } from '@selfsup/augment';

interface Stored {
  readonly offset: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

interface Case {
  readonly op: string;
  readonly input: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly output: Stored;
}

const folder = new URL('fixtures/', import.meta.url);
const pixels = readFileSync(new URL('torchvision.bin', folder));
const fixtures = JSON.parse(readFileSync(new URL('torchvision.json', folder), 'utf8')) as {
  readonly inputs: Readonly<Record<string, Stored>>;
  readonly cases: readonly Case[];
};

function read({ offset, height, width, channels }: Stored): Image {
  return { data: pixels.subarray(offset, offset + height * width * channels), height, width, channels };
}

function run({ op, params }: Case, image: Image): Image {
  const numbers = params as Readonly<Record<string, number>>;
  const adjust = (kind: Adjustment['adjust']): Image =>
    colorJitter({}).apply(image, [{ adjust: kind, by: numbers['by']! }]);
  switch (op) {
    case 'resizedCrop': {
      const [height, width] = params['size'] as [number, number];
      const interpolation = params['interpolation'] as Interpolation;
      const box = { top: numbers['top']!, left: numbers['left']!, height: numbers['height']!, width: numbers['width']! };
      return randomResizedCrop({ size: { height, width }, interpolation }).apply(image, box);
    }
    case 'brightness':
    case 'contrast':
    case 'saturation':
    case 'hue':
      return adjust(op);
    case 'grayscale':
      return grayscale().apply(image, {});
    case 'gaussianBlur':
      return gaussianBlur().apply(image, { sigma: numbers['sigma']!, kernelSize: numbers['kernelSize']! });
    case 'solarize':
      return solarize().apply(image, { threshold: numbers['threshold']! });
    case 'flip':
      return randomFlip().apply(image, {});
    case 'centerCrop': {
      const [height, width] = params['size'] as [number, number];
      const crop = centerCrop({ size: { height, width } });
      return crop.apply(image, crop.sample(rngFor(0), image)!);
    }
    case 'resizeShorter': {
      const shrink = resize({ shorter: numbers['shorter']! });
      return shrink.apply(image, shrink.sample(rngFor(0), image)!);
    }
    default:
      throw new Error(`no op for the fixture ${op}`);
  }
}

/** Ops that are expected to give torchvision's very bytes. Blur sums in fixed point, so it may round the other way. */
const exact = new Set(['resizedCrop', 'brightness', 'contrast', 'saturation', 'hue', 'grayscale', 'solarize', 'flip', 'centerCrop', 'resizeShorter']);

describe('torchvision 0.14 on PIL images', () => {
  const kinds = [...new Set(fixtures.cases.map(({ op }) => op))];
  test.each(kinds)('%s', (kind) => {
    const cases = fixtures.cases.filter(({ op }) => op === kind);
    for (const one of cases) {
      const result = run(one, read(fixtures.inputs[one.input]!));
      const expected = read(one.output);
      const label = `${one.input} ${JSON.stringify(one.params)}`;
      expect([result.height, result.width, result.channels], label).toEqual([expected.height, expected.width, expected.channels]);
      let sum = 0;
      let worst = 0;
      for (let i = 0; i < expected.data.length; i++) {
        const difference = Math.abs(result.data[i]! - expected.data[i]!);
        sum += difference;
        worst = Math.max(worst, difference);
      }
      expect(sum / expected.data.length, `${label}: mean difference in 1/255`).toBeLessThanOrEqual(exact.has(kind) ? 0 : 0.01);
      expect(worst, `${label}: largest difference in 1/255`).toBeLessThanOrEqual(exact.has(kind) ? 0 : 1);
    }
  });
});
