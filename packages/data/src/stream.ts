import type { DecodeOptions } from './decode-image.ts';
import { DataError } from './error.ts';
import type { Image, ImageSize, ImageSource, Labels } from './image.ts';
import { checkWhole } from './random.ts';

/** The contents of an image file, decoded when a batch needs it: JPEG, PNG, WebP, AVIF, TIFF or GIF. */
export interface EncodedImage {
  readonly encoded: Uint8Array;
  /** What to call it in errors. */
  readonly name: string;
}

/** An image of a stream, or how to get it: what waits in the shuffle buffer should be small. */
export type StreamedImage = Image | EncodedImage | (() => Image | EncodedImage | Promise<Image | EncodedImage>);

/** Decodes images of a stream. `imageDecoder` of the Node entry answers one that threads can use as well. */
export interface DecodeEncoded {
  (image: EncodedImage): Promise<Image>;
  /** What another thread decodes by. Without them images are decoded before they are sent to threads. */
  readonly options?: DecodeOptions | undefined;
}

/** Images in an order of their own, that can be gone through again and again. */
export interface StreamSource {
  /** For logs and errors. */
  readonly name: string;
  /** The same for every image. */
  readonly channels: number;
  /** The size of every image, or null when it varies. */
  readonly size: ImageSize | null;
  /** Images of an epoch: how many each call of `open` gives at least. */
  readonly length: number;
  /** The images of one epoch. To resume, it must give the same images in the same order again. */
  readonly open: (epoch: number) => AsyncIterable<StreamedImage> | Iterable<StreamedImage>;
  /** For streams of encoded images. */
  readonly decode?: DecodeEncoded | undefined;
  /** The labels of the images of `open(0)` in their order, for evaluation, or null when there are none. */
  readonly labels: Labels | null;
  /** Names of the classes by label, or null when unknown. */
  readonly classes: readonly string[] | null;
}

/** What `streamSource` takes. */
export interface StreamSourceOptions extends Pick<StreamSource, 'channels' | 'length' | 'open' | 'decode'> {
  /** Default `stream`. */
  readonly name?: string | undefined;
  /** Default null: it varies. */
  readonly size?: ImageSize | null | undefined;
  /** Default none. */
  readonly labels?: Labels | null | undefined;
  readonly classes?: readonly string[] | null | undefined;
}

/**
 * Images of your own that come one after another: from an archive, a database, a generator.
 *
 * @throws DataError `bad-option` unless `length` and `channels` are whole numbers of at least 1, `mismatch` unless there is one
 * label per image
 */
export function streamSource(options: StreamSourceOptions): StreamSource {
  const { name = 'stream', size = null, labels = null, classes = null, channels, length, open, decode } = options;
  checkWhole('length', length, 1);
  checkWhole('channels', channels, 1);
  if (labels && labels.length !== length) {
    throw new DataError('mismatch', `${name} has ${length} images but ${labels.length} labels; give one label per image.`);
  }
  return { name, channels, size, length, open, decode, labels, classes };
}

/** True for a stream, false for images by index. */
export function isStream(source: ImageSource | StreamSource): source is StreamSource {
  return 'open' in source;
}
