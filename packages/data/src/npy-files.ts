import { basename, dirname, join } from 'node:path';
import type { ImageSource } from './image.ts';
import { npySource, parseNpy, type NpyArray } from './npy.ts';
import { kindOf, readBytes } from './read-file.ts';

async function readNpy(path: string): Promise<NpyArray> {
  return parseNpy(await readBytes(path), path);
}

/**
 * Images from a `.npy` file of unsigned bytes, `[count, height, width]` or `[count, height, width, channels]`, held in memory.
 *
 * @param labelsPath a `.npy` file of one whole number per image. Default: the file beside it whose name has `labels` where this
 * has `images`, if there is one
 * @throws DataError `not-found`, `bad-format`, `truncated` or `mismatch`, naming the file
 */
export async function npyImages(imagesPath: string, labelsPath?: string): Promise<ImageSource> {
  const beside = join(dirname(imagesPath), basename(imagesPath).replace('images', 'labels'));
  const guess = basename(beside) !== basename(imagesPath) && (await kindOf(beside)) === 'file' ? beside : undefined;
  const labels = labelsPath ?? guess;
  return npySource({
    images: await readNpy(imagesPath),
    labels: labels === undefined ? undefined : await readNpy(labels),
    name: basename(imagesPath),
  });
}
