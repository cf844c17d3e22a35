import { evaluationView } from '@selfsup/augment';
import type { ChannelStatistics } from '@selfsup/augment';
import type { ImageSource, StreamSource, ViewRenderer } from '@selfsup/data';
import type { OpenSourceOptions } from '@selfsup/data/node';
import { isIndexed } from './data.ts';
import type { Data } from './data.ts';
import type { Decoder } from './data-settings.ts';
import { usageError } from './error.ts';
import { counted } from './format.ts';

/** What was done to images before the encoder saw them: kept beside it, since features mean nothing without it. */
export interface Preprocessing extends Decoder {
  /** Side of the square that the encoder reads, in pixels. */
  readonly size: number;
  readonly channels: number;
  /** The shorter side is first resized to this, and the middle cut out; null when images have the size already. */
  readonly resizeShorter: number | null;
  /** Pixels become (v/255 − mean)/std. */
  readonly normalize: ChannelStatistics | null;
}

/**
 * The side of the images that are judged, and of views unless theirs is another: the one asked for, or that of the images themselves.
 * @throws CliError (2) when neither is there, DataError when that is because the images cannot be decoded
 */
export async function imageSize({ train }: Data, asked: number | null): Promise<number> {
  const own = ownSize(train.size);
  if (asked === null && own === null) {
    if (isIndexed(train)) await readOne(train);
    throw usageError(`The images of ${train.name} are not all square and of one size; give --size with the side of a view in pixels.`);
  }
  return asked ?? own!;
}

/** Throws what the first image does unless one of a few can be read: a damaged one is not why sizes differ. */
async function readOne({ length, read }: ImageSource): Promise<void> {
  let first: unknown;
  for (let index = 0; index < Math.min(length, 16); index++) {
    try {
      await read(index);
      return;
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

/** How images of a source are brought to `size`: as they are, or as ImageNet is evaluated (256 → 224 and in proportion). */
export function preprocessingFor(data: Data, size: number, normalize: ChannelStatistics | undefined, decoder: Decoder): Preprocessing {
  const fits = ownSize(data.train.size) === size && (data.test === null || ownSize(data.test.size) === size);
  return {
    size,
    channels: data.train.channels,
    resizeShorter: fits ? null : Math.round((size * 256) / 224),
    normalize: normalize ?? null,
    ...decoder,
  };
}

export function rendererOf({ size, channels, resizeShorter, normalize }: Preprocessing): ViewRenderer {
  return evaluationView({
    size,
    channels,
    resizeShorter: resizeShorter ?? undefined,
    normalize: normalize ?? undefined,
  });
}

/**
 * How images of a set of its own kind are brought to what an exported encoder reads.
 * @throws CliError (2) when the set has other channels
 */
export function rendererFor(preprocessing: Preprocessing, source: ImageSource | StreamSource): ViewRenderer {
  const { size, channels, resizeShorter } = preprocessing;
  if (source.channels !== channels) {
    throw usageError(`The images of ${source.name} have ${counted(source.channels, 'channel')}, but the encoder reads ${channels}; give --data images like those that it was trained on.`);
  }
  return rendererOf({ ...preprocessing, resizeShorter: resizeShorter ?? (ownSize(source.size) === size ? null : size) });
}

/** How files are decoded for views of a known side: photos of a camera smaller than they are, with enough left for small crops. */
export function decodingOf(size: number | null): OpenSourceOptions {
  return { size: 'detect', ...(size === null ? {} : { minSide: 4 * size }) };
}

/** How files are decoded for an exported encoder. */
export function decodingFor({ size, channels }: Preprocessing): OpenSourceOptions {
  return { ...decodingOf(size), ...(channels === 1 || channels === 3 ? { channels } : {}) };
}

/** The side of images that are all square and of one size. */
export function ownSize(size: ImageSource['size']): number | null {
  return size && size.height === size.width ? size.height : null;
}
