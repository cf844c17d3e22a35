import { basename, dirname, join } from 'node:path';
import { checkLabels } from './array-source.ts';
import type { ByteFile } from './byte-file.ts';
import type { ImageSource } from './image.ts';
import { MAX_NPY_HEADER, npyImageShape, npyLabels, npySource, parseNpy, readNpyHeader, type NpyArray } from './npy.ts';
import { isUrl, openBytes } from './open-bytes.ts';
import { readPixelRows } from './pixel-rows.ts';
import { kindOf } from './read-file.ts';

/** What `npyImages` takes. */
export interface NpyImagesOptions {
  /** Larger files stay where they are, and images are read one by one. Default 1 GiB; URLs always do. */
  readonly maxBytes?: number | undefined;
}

async function readAll(file: ByteFile): Promise<NpyArray> {
  return parseNpy(await file.read(0, file.size), file.place);
}

/** The file of labels that belongs to `images` by its name, if it is there. */
async function labelsBeside(images: string): Promise<string | undefined> {
  const name = basename(images).replace('images', 'labels');
  if (isUrl(images) || name === basename(images)) return undefined;
  const beside = join(dirname(images), name);
  return (await kindOf(beside)) === 'file' ? beside : undefined;
}

/**
 * Images from a `.npy` file of unsigned bytes, `[count, height, width]` or `[count, height, width, channels]`.
 *
 * @param labelsPath a `.npy` file of one whole number per image. Default: the file beside it whose name has `labels` where this
 * has `images`, if there is one
 * @throws DataError `not-found`, `bad-format`, `truncated` or `mismatch`, naming the file
 */
export async function npyImages(imagesPath: string, labelsPath?: string, { maxBytes = 2 ** 30 }: NpyImagesOptions = {}): Promise<ImageSource> {
  const file = await openBytes(imagesPath);
  const given = labelsPath ?? (await labelsBeside(imagesPath));
  const labels = given === undefined ? undefined : await readAll(await openBytes(given));
  const name = basename(imagesPath);
  if (file.size <= maxBytes && !isUrl(imagesPath)) return npySource({ images: await readAll(file), labels, name });
  const header = readNpyHeader(await file.read(0, Math.min(MAX_NPY_HEADER, file.size)), file.size, imagesPath);
  const { count, height, width, channels } = npyImageShape(header, name);
  const numbers = labels ? npyLabels(labels, name) : null;
  checkLabels(name, count, numbers, null);
  const { place, size, version, headers } = file;
  const rows = { name, file: { place, size, version, headers }, start: header.start, length: count, height, width, channels };
  return { name, length: count, channels, size: { height, width }, read: readPixelRows(rows), labels: numbers, classes: null };
}
