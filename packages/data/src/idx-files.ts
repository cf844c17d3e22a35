import { basename, join } from 'node:path';
import { DataError } from './error.ts';
import { gunzip } from './gunzip.ts';
import { idxSource, parseIdx, readIdxHeader, type IdxArray } from './idx.ts';
import type { ImageSource, Splits } from './image.ts';
import { kindOf, readBytes } from './read-file.ts';

async function readIdxFile(path: string): Promise<IdxArray> {
  // No further than the header says that there is to unpack.
  const limit = (start: Uint8Array): number => {
    const { header, size } = readIdxHeader(start, path);
    return header + size;
  };
  return parseIdx(await gunzip(await readBytes(path), path, limit), path);
}

/**
 * The images of an IDX file, plain or gzipped, held in memory.
 *
 * @param labelsPath the IDX file of their labels, if you have it
 * @throws DataError `not-found`, `bad-format`, `truncated` or `mismatch`, naming the file
 */
export async function idxImages(imagesPath: string, labelsPath?: string): Promise<ImageSource> {
  const images = await readIdxFile(imagesPath);
  const labels = labelsPath === undefined ? undefined : await readIdxFile(labelsPath);
  return idxSource({ images, labels, name: basename(imagesPath) });
}

/** The path of one of the four standard files, under any of the names in use, or null. */
async function find(folder: string, split: string, kind: 'images' | 'labels'): Promise<string | null> {
  const rank = kind === 'images' ? 3 : 1;
  for (const joint of ['-', '.']) {
    for (const ending of ['', '.gz']) {
      const path = join(folder, `${split}-${kind}${joint}idx${rank}-ubyte${ending}`);
      if ((await kindOf(path)) === 'file') return path;
    }
  }
  return null;
}

/** True when the folder has the train images of MNIST or one of its successors. */
export async function isIdxFolder(folder: string): Promise<boolean> {
  return (await find(folder, 'train', 'images')) !== null;
}

/**
 * MNIST, Fashion-MNIST or KMNIST from a folder with their standard files, plain or `.gz`:
 * `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, and `t10k-…` for the test split. Labels and test are optional.
 *
 * @throws DataError `not-found` without train images, otherwise as `idxImages`
 */
export async function idxFolder(folder: string): Promise<Splits> {
  const split = async (name: string): Promise<ImageSource | null> => {
    const images = await find(folder, name, 'images');
    if (images === null) return null;
    return idxImages(images, (await find(folder, name, 'labels')) ?? undefined);
  };
  const train = await split('train');
  if (train === null) {
    throw new DataError('not-found', `${folder} has no train-images-idx3-ubyte or train-images-idx3-ubyte.gz; give the folder that has.`);
  }
  return { train, test: await split('t10k') };
}
