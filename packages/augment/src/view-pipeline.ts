import { snapshot } from './canvas/canvas.ts';
import type { Canvas } from './canvas/canvas.ts';
import { withCanvas } from './canvas/shared-canvas.ts';
import { AugmentError } from './error.ts';
import { toSize } from './image.ts';
import type { Image, ImageSize, SizeOption } from './image.ts';
import type { Json } from './json.ts';
import { paintOp, sizeAfter } from './op.ts';
import type { AnyOp } from './op.ts';
import { rngFor } from './rng.ts';
import { normalizationTable } from './statistics.ts';
import type { ChannelStatistics } from './statistics.ts';

/** Which view it is. Together with the image it decides every pixel. */
export interface ViewKey {
  readonly seed: number;
  readonly epoch: number;
  /** The image's place in its source. */
  readonly index: number;
  /** 0 for the first view of an image, 1 for the second. */
  readonly view: number;
}

/** What one op of a view drew. `params` is `null` when it was not applied. */
export type OpParameters = { readonly op: string; readonly params: Json };

/** Everything random about one view, op by op: plain JSON. */
export type ViewParameters = readonly OpParameters[];

export interface ViewPipelineOptions {
  /** For messages and logs. */
  readonly name?: string;
  /** The size of a view; what `ops` must end with. */
  readonly size: SizeOption;
  /** Of the images and of the views. 3 by default. */
  readonly channels?: number;
  /** Applied in order. */
  readonly ops: readonly AnyOp[];
  /** Views become (v/255 − mean)/std. By default they stay v/255, in [0, 1]. */
  readonly normalize?: ChannelStatistics | undefined;
}

/** Turns an image into one view of it. */
export interface ViewPipeline extends ImageSize {
  readonly name: string;
  readonly channels: number;
  readonly ops: readonly AnyOp[];
  /** What views are normalised by; give the same to `evaluationView`. */
  readonly normalize: ChannelStatistics | undefined;
  /** Draws the parameters of the view that `key` names, for an image of this size. */
  readonly sample: (image: ImageSize, key: ViewKey) => ViewParameters;
  /** The view as 8-bit pixels, before normalisation: to look at. */
  readonly apply: (image: Image, params: ViewParameters) => Image;
  /** The view as normalised floats, `[height, width, channels]`, in `out` when given. */
  readonly replay: (image: Image, params: ViewParameters, out?: Float32Array) => Float32Array;
  /** `replay(image, sample(image, key), out)`. */
  readonly render: (image: Image, key: ViewKey, out?: Float32Array) => Float32Array;
}

/**
 * A pipeline of ops, rendered on 8-bit pixels and normalised at the end.
 *
 * Every op draws from a stream of its own, derived from (seed, epoch, index, view, place of the op) alone: views do not
 * depend on batch size, order or worker count, and changing one op does not change what the others draw.
 * Renders reuse the thread's buffers; a pipeline keeps nothing from call to call.
 *
 * @throws AugmentError `channel-mismatch` when an op or the statistics cannot work with `channels`, `size-mismatch` from
 * a render whose ops do not end at `size`, `invalid-image`, `invalid-key`, `invalid-parameters`.
 */
export function viewPipeline({ name = 'view', size, channels = 3, ops, normalize }: ViewPipelineOptions): ViewPipeline {
  const { height, width } = toSize(size, `The pipeline ${name}`);
  if (!Number.isInteger(channels) || channels < 1) {
    throw new AugmentError('invalid-option', `The pipeline ${name} was given ${channels} channels; give a positive whole number.`);
  }
  for (const op of ops) {
    if (op.needsChannels !== undefined && op.needsChannels !== channels) {
      throw new AugmentError(
        'channel-mismatch',
        `${op.name} needs ${op.needsChannels} channels but the pipeline ${name} has ${channels}; leave it out, or set its strength or probability to 0.`,
      );
    }
  }
  const values = normalizationTable(channels, normalize ?? null);

  const sample = (image: ImageSize, { seed, epoch, index, view }: ViewKey): ViewParameters => {
    let current = image;
    return ops.map((op, place) => {
      const params = op.sample(rngFor(seed, epoch, index, view, place), current);
      current = sizeAfter(op, current, params);
      return { op: op.name, params };
    });
  };

  const paint = (canvas: Canvas, image: Image, params: ViewParameters): void => {
    if (image.channels !== channels) {
      throw new AugmentError('channel-mismatch', `The image has ${image.channels} channels but the pipeline ${name} renders ${channels}; convert it when decoding.`);
    }
    if (params.length !== ops.length || ops.some((op, place) => op.name !== params[place]?.op)) {
      throw new AugmentError('invalid-parameters', `The parameters are for [${params.map(({ op }) => op).join(', ')}] but the pipeline ${name} has [${ops.map((op) => op.name).join(', ')}]; replay them with the pipeline that drew them.`);
    }
    canvas.load(image);
    for (let place = 0; place < ops.length; place++) paintOp(ops[place]!, canvas, params[place]!.params);
    if (canvas.height !== height || canvas.width !== width || canvas.channels !== channels) {
      throw new AugmentError('size-mismatch', `The ops of the pipeline ${name} made ${canvas.height}×${canvas.width}×${canvas.channels} of an image of ${image.height}×${image.width}, but it renders ${height}×${width}×${channels}; end with a crop or a resize to that size.`);
    }
  };

  const replay = (image: Image, params: ViewParameters, out: Float32Array = new Float32Array(height * width * channels)): Float32Array => {
    if (out.length !== height * width * channels) {
      throw new AugmentError('size-mismatch', `out has ${out.length} values; a view of ${height}×${width}×${channels} needs ${height * width * channels}.`);
    }
    withCanvas((canvas) => {
      paint(canvas, image, params);
      canvas.kernels.writeFloats(canvas, values, out);
    });
    return out;
  };

  return {
    name,
    height,
    width,
    channels,
    ops,
    normalize,
    sample,
    apply: (image, params) =>
      withCanvas((canvas) => {
        paint(canvas, image, params);
        return snapshot(canvas);
      }),
    replay,
    render: (image, key, out) => replay(image, sample(image, key), out),
  };
}
