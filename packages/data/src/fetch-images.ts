import { fetchImage, type BatchRequest, type RenderedSource } from './batch-request.ts';
import type { Image } from './image.ts';
import { inLanes } from './lanes.ts';
import { isUnreadable, skippedImage, type SkippedImage } from './skip.ts';
import type { EncodedImage } from './stream.ts';

/** The images of a request, as threads take them. */
export interface FetchedImages {
  readonly indices: Int32Array;
  readonly images: readonly (Image | EncodedImage)[];
  readonly skipped: readonly SkippedImage[];
}

/** Reads the images of a request here, for a source that other threads cannot read. Encoded ones are left for them to decode. */
export async function fetchImages(source: RenderedSource, request: BatchRequest, skip: boolean): Promise<FetchedImages> {
  const { indices } = request;
  const fetched: (Image | EncodedImage | null)[] = Array.from(indices, () => null);
  const skipped: SkippedImage[] = [];
  await inLanes(indices.length, async (position) => {
    try {
      const image = await fetchImage(source, request, position);
      // What decodes here and nowhere else must do so.
      fetched[position] = 'encoded' in image && source.decode && !source.decode.options ? await source.decode(image) : image;
    } catch (error) {
      if (!skip || !isUnreadable(error)) throw error;
      skipped.push(skippedImage(indices[position]!, error, request.images?.[position]));
    }
  });
  return { indices: indices.filter((_, position) => fetched[position] !== null), images: fetched.filter((image) => image !== null), skipped };
}
