import { reverse } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Strokes } from '../canvas/strokes.ts';
import { blur } from './blur.ts';
import { contrast, grey, saturate, turnHue } from './color.ts';
import { crop, erase, eraseWithNoise, warp } from './gather.ts';
import type { Stroke } from './recorder.ts';
import { resample } from './resample.ts';
import { sharpen } from './sharpen.ts';
import { tone, toneByHistogram } from './tone.ts';

type Arguments<K extends keyof Strokes> = Parameters<Strokes[K]>;

const firsts = <T>(args: readonly (readonly [T])[]): readonly T[] => args.map(([value]) => value);

/** Every stroke on a batch `[n, height, width, channels]` of whole numbers 0–255, each image with its own arguments. */
const painters: { readonly [K in keyof Strokes]: (images: Tensor4D, args: readonly Arguments<K>[]) => Tensor4D } = {
  mirror: (images) => reverse(images, 2),
  turnOver: (images) => reverse(images, 1),
  tone: (images, args) => tone(images, firsts(args)),
  toneByHistogram: (images, args) => toneByHistogram(images, firsts(args)),
  contrast: (images, args) => contrast(images, firsts(args)),
  grey,
  saturate: (images, args) => saturate(images, firsts(args)),
  turnHue: (images, args) => turnHue(images, firsts(args)),
  resample,
  crop,
  warp,
  blur: (images, args) => blur(images, firsts(args)),
  sharpen: (images, args) => sharpen(images, firsts(args)),
  erase,
  eraseWithNoise,
};

/** Carries out strokes that `batchKey` finds alike, one for each image. */
export function paintBatch(images: Tensor4D, strokes: readonly Stroke[]): Tensor4D {
  const paint = painters[strokes[0]!.kind] as (batch: Tensor4D, args: readonly Stroke['args'][]) => Tensor4D;
  return paint(images, strokes.map(({ args }) => args));
}

/** Strokes with the same key can be carried out as one batch. */
export function batchKey({ kind, args }: Stroke): string {
  if (kind === 'resample') return `resample ${args[1].height} ${args[1].width}`;
  if (kind === 'crop') return `crop ${args[0].height} ${args[0].width}`;
  if (kind === 'warp') return `warp ${args[1]}`;
  return kind === 'toneByHistogram' ? args[0] : kind;
}

/** Whether a stroke can make an image of another size. */
export function changesSize({ kind }: Stroke): boolean {
  return kind === 'resample' || kind === 'crop';
}
