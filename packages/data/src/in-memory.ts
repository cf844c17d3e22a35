import { arraySource } from './array-source.ts';
import { DataError } from './error.ts';
import type { Image, ImageSource } from './image.ts';

/** How many images are read at a time. */
const CONCURRENT_READS = 32;

/**
 * Reads every image once and keeps its pixels, so that epochs decode nothing: `length · height · width · channels` bytes.
 *
 * @throws DataError `mismatch` when sizes differ, `too-large` when the pixels do not fit in memory, and what `read` throws
 */
export async function inMemory(source: ImageSource): Promise<ImageSource> {
  const { name, length, channels, labels, classes } = source;
  if (length === 0) throw new DataError('bad-option', `${name} has no images; give it some.`);
  const { height, width } = await source.read(0);
  const pixels = height * width * channels;
  let images: Uint8Array;
  try {
    images = new Uint8Array(length * pixels);
  } catch (cause) {
    const message = `${name} needs ${length * pixels} bytes, more than fits in memory; read it as it is, or use a smaller size.`;
    throw new DataError('too-large', message, { cause });
  }
  const keep = (image: Image, index: number): void => {
    if (image.height !== height || image.width !== width || image.data.length !== pixels) {
      const message = `Image ${index} of ${name} is ${image.height}×${image.width}, not ${height}×${width} as the first; open the source with one size.`;
      throw new DataError('mismatch', message);
    }
    images.set(image.data, index * pixels);
  };
  for (let start = 0; start < length; start += CONCURRENT_READS) {
    const count = Math.min(CONCURRENT_READS, length - start);
    await Promise.all(Array.from({ length: count }, async (_, offset) => keep(await source.read(start + offset), start + offset)));
  }
  return arraySource({ images, height, width, channels, labels, classes, name });
}
