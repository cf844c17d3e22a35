import { DataError } from './error.ts';
import type { Image, ImageSource } from './image.ts';
import type { EncodedImage, StreamedImage, StreamSource } from './stream.ts';

/** What one batch is made of. */
export interface BatchRequest {
  readonly epoch: number;
  /** The images' places in their source. */
  readonly indices: Int32Array;
  /** The images themselves where they come from a stream, in the order of `indices`. */
  readonly images: readonly StreamedImage[] | null;
}

/** Which images of each step are this rank's. */
export interface BatchShare {
  readonly batchSize: number;
  readonly rank: number;
  readonly worldSize: number;
}

/** The steps of an epoch from `from` to before `to`. */
export interface EpochPart {
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
}

/** The part of a source that batches are rendered from. */
export type RenderedSource = Pick<ImageSource, 'name' | 'channels' | 'size'> &
  Partial<Pick<ImageSource, 'read'>> & Pick<StreamSource, 'decode'>;

/** True for an image that is still to be decoded. */
function isEncoded(image: Image | EncodedImage): image is EncodedImage {
  return 'encoded' in image;
}

function decoded(source: RenderedSource, image: Image | EncodedImage): Image | Promise<Image> {
  if (!isEncoded(image)) return image;
  if (source.decode) return source.decode(image);
  throw new DataError('bad-option', `${source.name} gives encoded images but has no decode; give it imageDecoder() of @selfsup/data/node.`);
}

/** The image at a position of the request as it comes: read by index, or what the stream gave. */
export function fetchImage(source: RenderedSource, request: BatchRequest, position: number): Image | EncodedImage | Promise<Image | EncodedImage> {
  if (!request.images) return source.read!(request.indices[position]!);
  const image = request.images[position]!;
  return typeof image === 'function' ? image() : image;
}

/** The same, decoded. */
export function readImage(source: RenderedSource, request: BatchRequest, position: number): Image | Promise<Image> {
  const image = fetchImage(source, request, position);
  return 'then' in image ? image.then((fetched) => decoded(source, fetched)) : decoded(source, image);
}
