import { arraySource } from './array-source.ts';
import { DataError } from './error.ts';
import type { Image, ImageSource, Labels } from './image.ts';
import { checkWhole } from './random.ts';
import { isUnreadable, skippedImage, skipTally, type SkipOptions } from './skip.ts';

/** How many images are read at a time. */
const CONCURRENT_READS = 32;

/** What `inMemory` takes. Images that cannot be decoded are left out, and so are their labels. */
export interface InMemoryOptions extends SkipOptions {
  /** Answer the source as it is, read anew in each epoch, when its pixels need more bytes than this. Default: no limit. */
  readonly maxBytes?: number | undefined;
}

function allocate(name: string, bytes: number): Uint8Array {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    const message = `${name} needs ${bytes} bytes, more than fits in memory; read it as it is, give a maxBytes, or use a smaller size.`;
    throw new DataError('too-large', message, { cause });
  }
}

/** The first image that can be read tells the size of all. */
async function firstImage(source: ImageSource, skip: boolean): Promise<Image> {
  for (let index = 0; ; index++) {
    try {
      return await source.read(index);
    } catch (error) {
      if (!skip || !isUnreadable(error) || index + 1 === source.length) throw error;
    }
  }
}

/**
 * Reads every image once and keeps its pixels, so that epochs decode nothing: `length · height · width · channels` bytes.
 *
 * @throws DataError `mismatch` when sizes differ, `too-large` when the pixels do not fit in memory, `unreadable-image` when
 * more than 1 % of the images are, and what `read` throws
 */
export async function inMemory(source: ImageSource, options: InMemoryOptions = {}): Promise<ImageSource> {
  const { name, length, channels, labels, classes } = source;
  const { maxBytes } = options;
  if (maxBytes !== undefined) checkWhole('maxBytes', maxBytes, 0);
  if (length === 0) throw new DataError('bad-option', `${name} has no images; give it some.`);
  const tally = skipTally(source, options, 'skip');
  const { height, width } = await firstImage(source, tally.skip);
  const pixels = height * width * channels;
  if (maxBytes !== undefined && length * pixels > maxBytes) return source;
  const images = allocate(name, length * pixels);
  const keep = (image: Image, index: number): void => {
    if (image.height !== height || image.width !== width || image.data.length !== pixels) {
      const message = `Image ${index} of ${name} is ${image.height}×${image.width}, not ${height}×${width} as the first; open the source with one size.`;
      throw new DataError('mismatch', message);
    }
    images.set(image.data, index * pixels);
  };
  const pass = tally.pass();
  const bad = new Set<number>();
  const take = async (index: number): Promise<void> => {
    let image: Image;
    try {
      image = await source.read(index);
    } catch (error) {
      if (!tally.skip || !isUnreadable(error)) throw error;
      bad.add(index);
      pass.add([skippedImage(index, error)]);
      return;
    }
    keep(image, index);
  };
  for (let start = 0; start < length; start += CONCURRENT_READS) {
    const count = Math.min(CONCURRENT_READS, length - start);
    await Promise.all(Array.from({ length: count }, (_, offset) => take(start + offset)));
  }
  pass.end();
  if (bad.size === 0) return arraySource({ images, height, width, channels, labels, classes, name });
  let kept = 0;
  for (let index = 0; index < length; index++) {
    if (!bad.has(index)) images.copyWithin(kept++ * pixels, index * pixels, (index + 1) * pixels);
  }
  const remaining: Labels | null = labels && labels.filter((_: number, index: number) => !bad.has(index));
  return arraySource({ images: images.subarray(0, kept * pixels), height, width, channels, labels: remaining, classes, name });
}
