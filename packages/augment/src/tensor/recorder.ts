import type { Canvas } from '../canvas/canvas.ts';
import type { Kernels } from '../canvas/kernels.ts';
import type { Strokes } from '../canvas/strokes.ts';
import { AugmentError } from '../error.ts';
import type { ImageSize } from '../image.ts';
import { paintOp } from '../op.ts';
import type { AnyOp } from '../op.ts';
import type { Json } from '../json.ts';

/** One call of a stroke: its name and arguments. */
export type Stroke = { readonly [K in keyof Strokes]: { readonly kind: K; readonly args: Parameters<Strokes[K]> } }[keyof Strokes];

/** A canvas without pixels that remembers what ops do to it. */
export interface Recorder {
  /** The strokes of one op, applied to an image of the size at hand. */
  readonly record: (op: AnyOp, params: Json) => readonly Stroke[];
}

/** Starts with an image of the given size. */
export function createRecorder({ height, width }: ImageSize, channels: number): Recorder {
  const size = { height, width };
  let strokes: Stroke[] = [];
  let current = '';
  const keep = (stroke: Stroke): void => {
    strokes.push(stroke);
  };
  const sized = (next: ImageSize, stroke: Stroke): void => {
    size.height = next.height;
    size.width = next.width;
    keep(stroke);
  };
  const noPixels = (): never => {
    throw new AugmentError('pixels-needed', `${current} works on pixels one by one, so it does not run on tensors; write its paint with strokes, or render with the pipeline itself.`);
  };
  const canvas: Canvas = {
    get height() {
      return size.height;
    },
    get width() {
      return size.width;
    },
    channels,
    get data(): Uint8Array {
      return noPixels();
    },
    get table(): Uint8Array {
      return noPixels();
    },
    get mirrored(): boolean {
      return noPixels();
    },
    get kernels(): Kernels {
      return noPixels();
    },
    load: noPixels,
    scratch: noPixels,
    pointwise: noPixels,
    replace: noPixels,
    settle: noPixels,
    mirror: () => keep({ kind: 'mirror', args: [] }),
    turnOver: () => keep({ kind: 'turnOver', args: [] }),
    // Curves may be buffers that are written to again.
    tone: (curve) => keep({ kind: 'tone', args: [curve.slice()] }),
    toneByHistogram: (curve) => keep({ kind: 'toneByHistogram', args: [curve] }),
    contrast: (factor) => keep({ kind: 'contrast', args: [factor] }),
    grey: () => keep({ kind: 'grey', args: [] }),
    saturate: (factor) => keep({ kind: 'saturate', args: [factor] }),
    turnHue: (steps) => keep({ kind: 'turnHue', args: [steps] }),
    resample: (box, to, interpolation) => sized(to, { kind: 'resample', args: [box, to, interpolation] }),
    crop: (box, mode, fill) => sized(box, { kind: 'crop', args: [box, mode, fill] }),
    warp: (matrix, interpolation, fill) => keep({ kind: 'warp', args: [matrix, interpolation, fill] }),
    blur: (weights) => {
      if (weights.length > 1) keep({ kind: 'blur', args: [weights.slice()] });
    },
    sharpen: (factor) => keep({ kind: 'sharpen', args: [factor] }),
    erase: (box, fill) => keep({ kind: 'erase', args: [box, fill] }),
    eraseWithNoise: (box, seed) => keep({ kind: 'eraseWithNoise', args: [box, seed] }),
  };
  return {
    record: (op, params) => {
      strokes = [];
      current = op.name;
      paintOp(op, canvas, params);
      return strokes;
    },
  };
}
