import { snapshot } from './canvas/canvas.ts';
import type { Canvas } from './canvas/canvas.ts';
import { withCanvas } from './canvas/shared-canvas.ts';
import { AugmentError } from './error.ts';
import type { Image, ImageSize } from './image.ts';
import type { Json } from './json.ts';
import type { Rng } from './rng.ts';

/** An op whose kind of parameters is not known: what pipelines and combinators hold. */
export interface AnyOp {
  /** The factory's name, as it stands in logged parameters: `randomResizedCrop`. */
  readonly name: string;
  /** What the op was made with, defaults filled in, as plain JSON. */
  readonly options: Json;
  /** How many channels the op needs. Left out when any number will do. */
  readonly needsChannels?: number;
  /** Draws everything random. `null` means: not applied this time. */
  readonly sample: (rng: Rng, size: ImageSize) => Json;
  /** A new image; deterministic, the input is left alone. */
  readonly apply: (image: Image, params: never) => Image;
  /** The size of the result, for ops that change it. */
  readonly outputSize?: (input: ImageSize, params: never) => ImageSize;
  /** `apply` on a pipeline's working image, without a copy: same pixels. Left out, pipelines call `apply`. */
  readonly paint?: (canvas: Canvas, params: never) => void;
}

/** One augmentation: `sample` draws parameters as plain JSON, `apply` does exactly what they say. */
export interface Op<Params extends Json = Json> extends AnyOp {
  readonly sample: (rng: Rng, size: ImageSize) => Params | null;
  readonly apply: (image: Image, params: Params) => Image;
  readonly outputSize?: (input: ImageSize, params: Params) => ImageSize;
  readonly paint?: (canvas: Canvas, params: Params) => void;
}

/** What the author of a fast op writes: everything but `apply`, which follows from `paint`. */
export type PaintedOp<Params extends Json> = Omit<Op<Params>, 'apply' | 'paint'> & {
  readonly paint: (canvas: Canvas, params: Params) => void;
};

/** Completes an op that is written against the working image, and guards its number of channels. */
export function paintedOp<Params extends Json>(op: PaintedOp<Params>): Op<Params> {
  const paint = (canvas: Canvas, params: Params): void => {
    if (op.needsChannels !== undefined && op.needsChannels !== canvas.channels) {
      throw new AugmentError(
        'channel-mismatch',
        `${op.name} needs an image of ${op.needsChannels} channels but was given ${canvas.channels}; leave the op out for such images.`,
      );
    }
    op.paint(canvas, params);
  };
  return {
    ...op,
    paint,
    apply: (image, params) =>
      withCanvas((canvas) => {
        canvas.load(image);
        paint(canvas, params);
        return snapshot(canvas);
      }),
  };
}

/** Applies an op of unknown kind to the working image; `params` came from its own `sample`. */
export function paintOp(op: AnyOp, canvas: Canvas, params: Json): void {
  if (params === null) return;
  if (op.paint !== undefined) op.paint(canvas, params as never);
  else canvas.load(op.apply(snapshot(canvas), params as never));
}

/** The size after an op of unknown kind; `params` came from its own `sample`. */
export function sizeAfter(op: AnyOp, input: ImageSize, params: Json): ImageSize {
  return params === null || op.outputSize === undefined ? input : op.outputSize(input, params as never);
}
