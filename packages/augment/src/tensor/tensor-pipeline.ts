import { cast, concat, gather, range, reshape, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { AugmentError } from '../error.ts';
import type { ImageSize } from '../image.ts';
import { normalizationTable } from '../statistics.ts';
import type { ViewKey, ViewParameters, ViewPipeline } from '../view-pipeline.ts';
import { createRecorder } from './recorder.ts';
import type { Stroke } from './recorder.ts';
import { batchKey, changesSize, paintBatch } from './strokes.ts';
import { lookUp } from './tone.ts';

/** A pipeline that renders whole batches on the current TensorFlow.js backend. */
export interface TensorPipeline extends ImageSize {
  readonly name: string;
  readonly channels: number;
  /** `replay` with the parameters that the pipeline samples for the images' size and each key. */
  readonly render: (images: Tensor4D, keys: readonly ViewKey[]) => Tensor4D;
  /** Views `[n, height, width, channels]` of images `[n, h, w, channels]` with samples 0–255, each by its own parameters. */
  readonly replay: (images: Tensor4D, params: readonly ViewParameters[]) => Tensor4D;
}

/** The images that `places` names. */
const select = (images: Tensor4D, places: readonly number[]): Tensor4D =>
  places.length === images.shape[0] ? images : gather(images, tensor1d([...places], 'int32'));

/** One stroke for some of the images; the others are left alone. `null` stands for none. */
function paintSome(images: Tensor4D, strokes: readonly (Stroke | null)[], name: string): Tensor4D {
  const groups = new Map<string, number[]>();
  strokes.forEach((stroke, i) => {
    const key = stroke === null ? '' : batchKey(stroke);
    const group = groups.get(key);
    if (group) group.push(i);
    else groups.set(key, [i]);
  });
  const parts = [...groups].map(([key, places]) => {
    const chosen = select(images, places);
    return key === '' ? chosen : paintBatch(chosen, places.map((i) => strokes[i]!));
  });
  const [first] = parts;
  if (parts.length === 1) return first!;
  if (parts.some(({ shape }) => shape[1] !== first!.shape[1] || shape[2] !== first!.shape[2])) {
    const sizes = parts.map(({ shape }) => `${shape[1]}×${shape[2]}`).join(', ');
    throw new AugmentError('size-mismatch', `An op of the pipeline ${name} made images of ${sizes} of one batch; on tensors every op must make one size of all images.`);
  }
  const order = [...groups.values()].flat();
  const back = order.map((_, i) => i).toSorted((a, b) => order[a]! - order[b]!);
  return gather(concat(parts, 0), tensor1d(back, 'int32'));
}

/**
 * The strokes of one op, one at a time for each image, `null` for an image that waits: no image changes its size before all others
 * are about to.
 */
function* inStep(strokes: readonly (readonly Stroke[])[]): Generator<readonly (Stroke | null)[]> {
  const done = strokes.map(() => 0);
  for (;;) {
    const next = strokes.map((own, i) => own[done[i]!] ?? null);
    if (next.every((stroke) => stroke === null)) return;
    const first = next.some((stroke) => stroke !== null && !changesSize(stroke)) ? next.map((stroke) => (stroke && changesSize(stroke) ? null : stroke)) : next;
    first.forEach((stroke, i) => {
      if (stroke) done[i]!++;
    });
    yield first;
  }
}

/**
 * The pipeline on batches of tensors, with its own randomness for every image: the views of `pipeline.render`, to the same 8-bit values
 * between ops, on any backend. Images of a batch have one size.
 *
 * Ops made of `Strokes` run, and ops made of such ops; `oneOf` and the like as long as all images have one size after each step.
 * @throws AugmentError `channel-mismatch`, `size-mismatch`, `invalid-key`, `invalid-parameters`, and `pixels-needed` for an op that works on pixels itself.
 */
export function tensorPipeline(pipeline: ViewPipeline): TensorPipeline {
  const { name, height, width, channels, ops } = pipeline;
  const table = normalizationTable(channels, pipeline.normalize ?? null);

  const replay = (images: Tensor4D, params: readonly ViewParameters[]): Tensor4D => {
    const [n, h, w, c] = images.shape;
    if (c !== channels) {
      throw new AugmentError('channel-mismatch', `The images have ${c} channels but the pipeline ${name} renders ${channels}; convert them when decoding.`);
    }
    if (params.length !== n) {
      throw new AugmentError('size-mismatch', `The batch has ${n} images but there are keys or parameters for ${params.length}; give one per image.`);
    }
    const wrong = params.find((own) => own.length !== ops.length || ops.some((op, place) => op.name !== own[place]?.op));
    if (wrong) {
      throw new AugmentError('invalid-parameters', `The parameters are for [${wrong.map(({ op }) => op).join(', ')}] but the pipeline ${name} has [${ops.map((op) => op.name).join(', ')}]; replay them with the pipeline that drew them.`);
    }
    const recorders = params.map(() => createRecorder({ height: h, width: w }, channels));
    const plan = ops.map((op, place) => recorders.map((recorder, i) => recorder.record(op, params[i]![place]!.params)));
    return tidy(() => {
      let batch: Tensor4D = cast(images, 'float32');
      for (const strokes of plan) {
        for (const step of inStep(strokes)) batch = paintSome(batch, step, name);
      }
      if (batch.shape[1] !== height || batch.shape[2] !== width) {
        throw new AugmentError('size-mismatch', `The ops of the pipeline ${name} made ${batch.shape[1]}×${batch.shape[2]} of images of ${h}×${w}, but it renders ${height}×${width}; end with a crop or a resize to that size.`);
      }
      return lookUp(batch, tensor1d(table), reshape(range(0, channels), [1, 1, 1, channels]));
    });
  };

  return {
    name,
    height,
    width,
    channels,
    replay,
    render: (images, keys) => {
      const size = { height: images.shape[1], width: images.shape[2] };
      return replay(images, keys.map((key) => pipeline.sample(size, key)));
    },
  };
}
