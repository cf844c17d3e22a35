import { checkImage } from '../image.ts';
import type { Image } from '../image.ts';
import { rngFor } from '../rng.ts';
import { cropWithPadding } from './crop.ts';
import { erase } from './erase.ts';
import { toneByHistogram } from './histogram.ts';
import type { Kernels } from './kernels.ts';
import { sharpen } from './sharpen.ts';
import type { Strokes } from './strokes.ts';
import { adjustContrast } from './tone.ts';
import { turnOver } from './turn-over.ts';
import { warp } from './warp.ts';

/**
 * The working image of one render: pixels, and two cheap changes that wait until somebody needs the pixels.
 *
 * The picture is `table[data[i]]`, left and right swapped when `mirrored`. Tone curves (brightness, contrast, solarize)
 * only compose into `table`, and flips only toggle `mirrored`, so they cost no pass over the pixels.
 */
export interface Canvas extends Strokes {
  /** Stored samples, at least height × width × channels of them. May belong to the caller: never write to it. */
  data: Uint8Array;
  height: number;
  width: number;
  channels: number;
  /** The pending tone curve, 256 entries. */
  table: Uint8Array;
  mirrored: boolean;
  readonly kernels: Kernels;
  /** Starts over with an image, without copying it. */
  readonly load: (image: Image) => void;
  /** A buffer of at least `length` samples that is not `data`. Its content is arbitrary. */
  readonly scratch: (length: number) => Uint8Array;
  /** Where an op that changes samples one by one may write: `data` itself when it is not the caller's. */
  readonly pointwise: () => Uint8Array;
  /** Makes `data`, which the canvas may write to from now on, the picture, with the tone curve (but not the mirroring) applied. */
  readonly replace: (data: Uint8Array, height: number, width: number) => void;
  /** Carries out what is pending, for ops that look at neighbours or at left and right. Read `data` after it. */
  readonly settle: () => void;
}

/** The tone curve that changes nothing. */
export const identityTable: Uint8Array = Uint8Array.from({ length: 256 }, (_, value) => value);

/** An empty working image; `load` fills it. Reuse one for many renders. */
export function createCanvas(kernels: Kernels): Canvas {
  let front = new Uint8Array(0);
  let back = new Uint8Array(0);
  let used = new Uint8Array(256);
  let spare = new Uint8Array(256);
  let callers = front;

  const canvas: Canvas = {
    data: front,
    height: 0,
    width: 0,
    channels: 0,
    table: identityTable,
    mirrored: false,
    kernels,
    load: (image) => {
      checkImage(image);
      const { data } = image;
      // One kind of array in the kernels: clamped arrays and Node's Buffer would make them megamorphic.
      callers =
        data.constructor === Uint8Array
          ? (data as Uint8Array<ArrayBuffer>)
          : new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.length);
      canvas.data = callers;
      canvas.height = image.height;
      canvas.width = image.width;
      canvas.channels = image.channels;
      canvas.table = identityTable;
      canvas.mirrored = false;
    },
    scratch: (length) => {
      if (canvas.data === front) {
        if (back.length < length) back = new Uint8Array(length);
        return back;
      }
      if (front.length < length) front = new Uint8Array(length);
      return front;
    },
    pointwise: () => {
      if (canvas.data !== callers) return canvas.data;
      return canvas.scratch(canvas.height * canvas.width * canvas.channels);
    },
    replace: (data, height, width) => {
      canvas.data = data;
      canvas.height = height;
      canvas.width = width;
      canvas.table = identityTable;
    },
    settle: () => kernels.settle(canvas, true),
    tone: (curve) => {
      const current = canvas.table;
      for (let v = 0; v < 256; v++) spare[v] = curve[current[v]!]!;
      canvas.table = spare;
      [used, spare] = [spare, used];
    },
    mirror: () => {
      canvas.mirrored = !canvas.mirrored;
    },
    turnOver: () => turnOver(canvas),
    toneByHistogram: (curve) => toneByHistogram(canvas, curve),
    contrast: (factor) => adjustContrast(canvas, factor),
    grey: () => kernels.toGrey(canvas),
    saturate: (factor) => kernels.adjustSaturation(canvas, factor),
    turnHue: (steps) => kernels.turnHue(canvas, steps),
    resample: (box, size, interpolation) => kernels.cropAndResize(canvas, box, size, interpolation),
    crop: (box, mode, fill) => cropWithPadding(canvas, box, mode, fill),
    warp: (matrix, interpolation, fill) => warp(canvas, matrix, interpolation, fill),
    blur: (weights) => {
      if (weights.length > 1) kernels.blur(canvas, weights);
    },
    sharpen: (factor) => sharpen(canvas, factor),
    erase: (box, fill) => erase(canvas, box, (channel) => fill[channel]!),
    eraseWithNoise: (box, seed) => {
      const rng = rngFor(seed);
      erase(canvas, box, () => rng.integer(256));
    },
  };
  return canvas;
}

/** The picture as an image of its own. */
export function snapshot(canvas: Canvas): Image {
  canvas.settle();
  const { height, width, channels } = canvas;
  return { data: canvas.data.slice(0, height * width * channels), height, width, channels };
}
