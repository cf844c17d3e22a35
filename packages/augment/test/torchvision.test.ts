import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as augment from '@selfsup/augment';
import type { AffineParams, Box, Image, Json, Op, PaddingMode } from '@selfsup/augment';

interface Stored {
  readonly offset: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** What fixtures have for parameters; which of them one has depends on its op. */
interface Params extends Box, AffineParams {
  readonly size: readonly [number, number];
  readonly shorter: number;
  /** Or any other that the op knows. */
  readonly interpolation: 'bilinear';
  readonly by: number;
  readonly factor: number;
  readonly bits: number;
  readonly threshold: number;
  readonly sigma: number;
  readonly kernelSize: number;
  readonly before: number;
  readonly padding: number;
  readonly mode: PaddingMode;
  readonly fill: readonly number[];
  readonly lambda: number;
  readonly other: string;
}

const folder = new URL('fixtures/', import.meta.url);
const pixels = readFileSync(new URL('torchvision.bin', folder));
const fixtures = JSON.parse(readFileSync(new URL('torchvision.json', folder), 'utf8')) as {
  readonly inputs: Readonly<Record<string, Stored>>;
  readonly cases: readonly { readonly op: string; readonly input: string; readonly params: Params; readonly output: Stored }[];
};

function read({ offset, height, width, channels }: Stored): Image {
  return { data: pixels.subarray(offset, offset + height * width * channels), height, width, channels };
}

const input = (name: string): Image => read(fixtures.inputs[name]!);
const sizeOf = ([height, width]: readonly [number, number]): { readonly height: number; readonly width: number } => ({ height, width });

/** For ops that draw nothing. */
function once<P extends Json>(op: Op<P>, image: Image): Image {
  return op.apply(image, op.sample(augment.rngFor(0), image)!);
}

const adjust = (kind: 'brightness' | 'contrast' | 'saturation' | 'hue') => (image: Image, { by }: Pick<Params, 'by'>): Image =>
  augment.colorJitter({}).apply(image, [{ adjust: kind, by }]);

/** 0–255 as 0–1, and back. */
function mixed(first: Image, second: Image, lambda: number): Image {
  const { height, width, channels } = second;
  const cut = augment.randomCrop({ size: { height, width } }).apply(first, { top: 0, left: 0, height, width });
  const data = Float32Array.from([...cut.data, ...second.data], (value) => value / 255);
  const result = augment.mixup().apply({ data, shape: [2, height, width, channels] }, { lambda, partners: [1, 0] });
  return { ...second, data: Uint8Array.from(result.data.subarray(0, second.data.length), (value) => Math.round(255 * value)) };
}

const runners: Readonly<Record<string, (image: Image, params: Params) => Image>> = {
  resizedCrop: (image, { size, interpolation, ...box }) => augment.randomResizedCrop({ size: sizeOf(size), interpolation }).apply(image, box),
  brightness: adjust('brightness'),
  contrast: adjust('contrast'),
  saturation: adjust('saturation'),
  hue: adjust('hue'),
  grayscale: (image) => once(augment.grayscale(), image),
  gaussianBlur: (image, params) => augment.gaussianBlur().apply(image, params),
  pillowBlur: (image, { sigma }) => augment.gaussianBlur().apply(image, { sigma, kernelSize: 23 }),
  solarize: (image, params) => augment.solarize().apply(image, params),
  invert: (image) => once(augment.invert(), image),
  equalize: (image) => once(augment.equalize(), image),
  autocontrast: (image, { before }) => once(augment.autocontrast(), adjust('brightness')(image, { by: before })),
  posterize: (image, { bits }) => once(augment.posterize({ bits }), image),
  sharpness: (image, { factor }) => once(augment.sharpness({ factor }), image),
  flip: (image) => augment.randomFlip().apply(image, {}),
  verticalFlip: (image) => augment.randomFlip({ direction: 'vertical' }).apply(image, {}),
  centerCrop: (image, { size }) => once(augment.centerCrop({ size: sizeOf(size) }), image),
  paddedCenterCrop: (image, { size }) => once(augment.centerCrop({ size: sizeOf(size), fill: 0 }), image),
  resizeShorter: (image, { shorter }) => once(augment.resize({ shorter }), image),
  crop: (image, { padding, mode, fill, ...box }) => augment.randomCrop({ size: box, padding, mode, fill }).apply(image, box),
  rotation: (image, { interpolation, fill, angle }) => augment.randomRotation({ degrees: 360, interpolation, fill }).apply(image, { angle }),
  affine: (image, { interpolation, fill, ...params }) => augment.randomAffine({ interpolation, fill }).apply(image, params),
  erase: (image, { fill, ...box }) => augment.randomErasing({ fill }).apply(image, { ...box, seed: null }),
  mixup: (image, { lambda, other }) => mixed(image, input(other), lambda),
};

/** What may differ, in 1/255: on average, and at most. Everything else gives torchvision's very bytes. */
const tolerances: Readonly<Record<string, readonly [mean: number, worst: number]>> = {
  // Sums in fixed point, so it may round the other way.
  gaussianBlur: [0.01, 1],
  // Not torchvision's: Pillow's blur is three boxes, each rounded to 8 bits, ours the bell itself.
  pillowBlur: [0.7, 5],
  // Floats, rounded to 8 bits only for this comparison, where many are halves.
  mixup: [0.1, 1],
};

/** Pixels at the border that are not compared. Pillow's blur repeats the last pixel where ours, as torchvision's, mirrors the image. */
const borders: Readonly<Record<string, number>> = { pillowBlur: 6 };

function inside({ data, height, width, channels }: Image, border: number): readonly number[] {
  return Array.from(data).filter((_, i) => {
    const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)];
    return Math.min(x, y, width - 1 - x, height - 1 - y) >= border;
  });
}

describe('torchvision 0.14 on PIL images', () => {
  const kinds = [...new Set(fixtures.cases.map(({ op }) => op))];

  test('every op has its fixtures', () => expect(kinds.toSorted()).toEqual(Object.keys(runners).toSorted()));

  test.each(kinds)('%s', (kind) => {
    const [mean, worst] = tolerances[kind] ?? [0, 0];
    for (const one of fixtures.cases.filter(({ op }) => op === kind)) {
      const result = runners[kind]!(input(one.input), one.params);
      const expected = read(one.output);
      const label = `${one.input} ${JSON.stringify(one.params)}`;
      expect([result.height, result.width, result.channels], label).toEqual([expected.height, expected.width, expected.channels]);
      const border = borders[kind] ?? 0;
      const values = inside(result, border);
      const differences = inside(expected, border).map((value, i) => Math.abs(value - values[i]!));
      const sum = differences.reduce((total, difference) => total + difference, 0);
      expect(sum / differences.length, `${label}: mean difference in 1/255`).toBeLessThanOrEqual(mean);
      expect(Math.max(...differences), `${label}: largest difference in 1/255`).toBeLessThanOrEqual(worst);
    }
  });
});
