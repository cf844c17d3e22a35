import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCanvas, snapshot } from '../canvas/canvas.ts';
import type { Canvas } from '../canvas/canvas.ts';
import { scriptKernels } from '../canvas/script-kernels.ts';
import { rngFor } from '../rng.ts';
import { simdKernels } from './simd-kernels.ts';

const kernels = simdKernels();
const simd = createCanvas(kernels!);
const script = createCanvas(scriptKernels);

/** Whether two arrays hold the same bytes. */
const same = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  Buffer.compare(Buffer.from(a.buffer, a.byteOffset, a.byteLength), Buffer.from(b.buffer, b.byteOffset, b.byteLength)) === 0;

/** One call of a kernel, or one pending change. */
type Step = readonly [name: string, run: (canvas: Canvas) => void];

const step = (name: string, run: (canvas: Canvas) => void): Step => [name, run];

const anyChannels: readonly fc.Arbitrary<Step>[] = [
  fc.constant(step('mirror', (canvas) => void (canvas.mirrored = !canvas.mirrored))),
  fc.constant(step('settle', (canvas) => canvas.settle())),
  fc.integer({ min: 1, max: 300 }).map((k) => step(`curve ${k}`, (canvas) => canvas.tone(Uint8Array.from({ length: 256 }, (_, v) => v * k + k)))),
  fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 2, maxLength: 12 }).map((tail) => {
    const weights = Int32Array.from([32768 - 2 * tail.reduce((sum, w) => sum + w, 0), ...tail]);
    return step(`blur ${weights.join()}`, (canvas) => canvas.kernels.blur(canvas, weights[0]! < 0 ? Int32Array.of(32766, 1) : weights));
  }),
  fc
    .record({ a: fc.double({ min: 0, max: 1, noNaN: true }), b: fc.double({ min: 0, max: 1, noNaN: true }), h: fc.integer({ min: 1, max: 50 }), w: fc.integer({ min: 1, max: 50 }), cubic: fc.boolean() })
    .map(({ a, b, h, w, cubic }) =>
      step(`resize to ${h}×${w} ${a} ${b} ${cubic}`, (canvas) => {
        const top = Math.floor(a * canvas.height);
        const left = Math.floor(b * canvas.width);
        const box = { top, left, height: Math.ceil((canvas.height - top) * (1 - a / 2)), width: Math.ceil((canvas.width - left) * (1 - b / 2)) };
        canvas.kernels.cropAndResize(canvas, box, { height: h, width: w }, cubic ? 'bicubic' : 'bilinear');
      }),
    ),
  fc.constant(
    step('point by point in JavaScript', (canvas) => {
      canvas.settle();
      const target = canvas.pointwise();
      for (let i = 0; i < canvas.height * canvas.width * canvas.channels; i++) target[i] = canvas.data[i]! ^ 5;
      canvas.replace(target, canvas.height, canvas.width);
    }),
  ),
];

const color: readonly fc.Arbitrary<Step>[] = [
  fc.constant(step('grey', (canvas) => canvas.kernels.toGrey(canvas))),
  fc.double({ min: 0, max: 3, noNaN: true }).map((by) => step(`saturation ${by}`, (canvas) => canvas.kernels.adjustSaturation(canvas, by))),
  fc.integer({ min: -128, max: 128 }).map((by) => step(`hue ${by}`, (canvas) => canvas.kernels.turnHue(canvas, by))),
];

const scene = (channels: number): fc.Arbitrary<{ readonly image: Parameters<Canvas['load']>[0]; readonly steps: readonly Step[] }> =>
  fc.record({
    image: fc
      .record({ height: fc.integer({ min: 1, max: 40 }), width: fc.integer({ min: 1, max: 40 }), seed: fc.nat(), spread: fc.constantFrom(2, 20, 256) })
      .map(({ height, width, seed, spread }) => {
        const rng = rngFor(seed);
        const base = rng.integer(257 - spread);
        return { data: Uint8Array.from({ length: height * width * channels }, () => base + rng.integer(spread)), height, width, channels };
      }),
    steps: fc.array(fc.oneof(...anyChannels, ...(channels === 3 ? color : [])), { minLength: 1, maxLength: 6 }),
  });

describe('WebAssembly gives the bytes of JavaScript', () => {
  test('this Node has it', () => expect(kernels).not.toBeNull());

  test.each([1, 2, 3, 4, 5])('%i channels', (channels) => {
    fc.assert(
      fc.property(scene(channels), ({ image, steps }) => {
        const before = image.data.slice();
        const values = Float32Array.from({ length: 256 * channels }, (_, i) => i / 7 - 50);
        const [fast, plain] = [simd, script].map((canvas) => {
          canvas.load(image);
          const sums = steps.map(([, run]) => {
            run(canvas);
            return channels === 3 ? canvas.kernels.greySum(canvas) : 0;
          });
          const floats = new Float32Array(canvas.height * canvas.width * channels);
          canvas.kernels.writeFloats(canvas, values, floats);
          return { sums, floats, picture: snapshot(canvas) };
        });
        expect(fast!.sums).toEqual(plain!.sums);
        expect(same(fast!.floats, plain!.floats)).toBe(true);
        expect(same(fast!.picture.data, plain!.picture.data)).toBe(true);
        expect(image.data).toEqual(before);
      }),
      { numRuns: 400, seed: channels },
    );
  });

  test('every hue, saturation and value', () => {
    for (const high of [1, 2, 3, 5, 17, 64, 85, 127, 128, 200, 254, 255]) {
      const pixels: number[] = [];
      for (let low = 0; low <= high; low += high > 60 ? 5 : 1) {
        for (let middle = low; middle <= high; middle++) {
          for (const [r, g, b] of [[high, middle, low], [middle, high, low], [low, high, middle], [low, middle, high], [middle, low, high], [high, low, middle]]) {
            pixels.push(r!, g!, b!);
          }
        }
      }
      const image = { data: Uint8Array.from(pixels), height: 1, width: pixels.length / 3, channels: 3 };
      for (const steps of [-127, -25, 0, 1, 42, 85, 127]) {
        const [fast, plain] = [simd, script].map((canvas) => {
          canvas.load(image);
          canvas.kernels.turnHue(canvas, steps);
          return snapshot(canvas).data;
        });
        expect(same(fast!, plain!)).toBe(true);
      }
    }
  });

  test('images larger than a strip, and memory that grows within a render', () => {
    const fresh = createCanvas(simdKernels()!);
    const rng = rngFor(4);
    const image = { data: Uint8Array.from({ length: 700 * 900 * 3 }, () => rng.integer(256)), height: 700, width: 900, channels: 3 };
    const [fast, plain] = [fresh, script].map((canvas) => {
      canvas.load(image);
      canvas.kernels.cropAndResize(canvas, { top: 3, left: 11, height: 690, width: 880 }, { height: 64, width: 64 }, 'bicubic');
      canvas.tone(Uint8Array.from({ length: 256 }, (_, v) => 255 - v));
      canvas.kernels.toGrey(canvas);
      canvas.kernels.cropAndResize(canvas, { top: 0, left: 0, height: 64, width: 64 }, { height: 900, width: 1100 }, 'bilinear');
      canvas.mirrored = true;
      canvas.kernels.blur(canvas, Int32Array.of(16384, 8192));
      return snapshot(canvas);
    });
    expect(same(fast!.data, plain!.data)).toBe(true);
  });
});
