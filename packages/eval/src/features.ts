import { tensor4d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { EvalError } from './error.ts';
import { yieldToEvents } from './yield-to-events.ts';

/** One feature vector per image: `data[row · dim + column]`, `[rows, dim]` in row-major order. */
export interface Features {
  readonly data: Float32Array;
  readonly rows: number;
  readonly dim: number;
}

/** Rendered images `[batch, height, width, channels]`, as `evalBatches` of `@selfsup/data` yields them. */
export interface ImageBatch {
  readonly data: Float32Array;
  readonly shape: readonly [batch: number, height: number, width: number, channels: number];
}

/**
 * The representation f(x) of every image, with the encoder in inference mode (batch normalisation uses its running
 * statistics).
 *
 * @param encoder a model from images to `[batch, dim]`; it is neither changed nor disposed
 * @param batches images in the order that the rows shall have
 * @throws EvalError `mismatch` when the encoder does not answer `[batch, dim]`, `non-finite` when it answers NaN or
 *   infinity, `bad-option` when there is no image
 */
export async function extractFeatures(
  encoder: LayersModel,
  batches: AsyncIterable<ImageBatch> | Iterable<ImageBatch>,
): Promise<Features> {
  const parts: Float32Array[] = [];
  let dim = 0;
  let rows = 0;
  for await (const batch of batches) {
    const output = tidy(() => encode(encoder, batch));
    try {
      const data = await output.data<'float32'>();
      dim = output.shape[1] ?? 0;
      rows += batch.shape[0];
      // A copy: on some backends an encoder that only reshapes answers the memory of the batch itself.
      parts.push(data.slice());
    } finally {
      output.dispose();
    }
    await yieldToEvents();
  }
  const data = new Float32Array(rows * dim);
  let offset = 0;
  for (const part of parts) {
    data.set(part, offset);
    offset += part.length;
  }
  const features = { data, rows, dim };
  checkFeatures("The encoder's output", features);
  return features;
}

/**
 * The pixels themselves as features `[batch, height · width · channels]`: the baseline that every encoder has to beat.
 * The array is shared, not copied.
 */
export function pixelFeatures(images: ImageBatch): Features {
  const [rows, height, width, channels] = images.shape;
  const features = { data: images.data, rows, dim: height * width * channels };
  checkFeatures('The images', features);
  return features;
}

/**
 * Throws unless the features hold `rows · dim` finite numbers, at least one.
 * @param name starts the message
 */
export function checkFeatures(name: string, features: Features): void {
  const { data, rows, dim } = features;
  if (rows < 1 || dim < 1) {
    throw new EvalError('bad-option', `${name} has shape [${rows}, ${dim}]; give at least one row and one dimension.`);
  }
  if (data.length !== rows * dim) {
    throw new EvalError(
      'mismatch',
      `${name} has ${data.length} numbers, but [${rows}, ${dim}] needs ${rows * dim}; give one vector per row.`,
    );
  }
  let bad = 0;
  while (bad < data.length && Number.isFinite(data[bad])) bad++;
  if (bad < data.length) {
    throw new EvalError(
      'non-finite',
      `${name} holds ${data[bad]} in row ${Math.floor(bad / dim)}; give finite numbers (did training diverge?).`,
    );
  }
}

function encode(encoder: LayersModel, batch: ImageBatch): Tensor {
  const images = tensor4d(batch.data, [...batch.shape]);
  const output = encoder.apply(images, { training: false });
  if (Array.isArray(output) || output.rank !== 2 || output.shape[0] !== batch.shape[0]) {
    const shape = Array.isArray(output) ? `${output.length} outputs` : `[${output.shape.join(', ')}]`;
    throw new EvalError(
      'mismatch',
      `The encoder answers ${shape} for images [${batch.shape.join(', ')}], but features are [batch, dim]; ` +
        'end the encoder with global pooling or flatten.',
    );
  }
  return output as Tensor;
}
