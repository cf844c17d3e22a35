import { basename, dirname, join } from 'node:path';
import { cifar10, cifar100, cifarFormat } from './cifar-files.ts';
import type { DecodeSettings } from './decode-settings.ts';
import { DataError } from './error.ts';
import { fashionMnistSample } from './fashion-mnist-sample.ts';
import { idxFolder, idxImages, isIdxFolder } from './idx-files.ts';
import { imageFolder } from './image-folder.ts';
import type { ImageSource, Splits } from './image.ts';
import { isUrl } from './open-bytes.ts';
import { npyImages } from './npy-files.ts';
import { parquetImages } from './parquet.ts';
import { kindOf } from './read-file.ts';
import { filesBySplit } from './set-files.ts';
import { webDataset } from './web-dataset.ts';

/** How encoded images are decoded: those of folders, shards and Parquet. The other kinds of data have their own size and channels. */
export type OpenSourceOptions = DecodeSettings;

const EXPECTED =
  'expected `embedded`, a folder of images or of class subfolders (with or without train/ and test/ above them), ' +
  'WebDataset shards (.tar) or Parquet files, their folder or URL, a folder with train-images-idx3-ubyte[.gz], ' +
  'a folder with the binary CIFAR-10 or CIFAR-100, or an .idx or .npy file';

/** The labels file that belongs to an images file by its name, if it is there. */
async function labelsBeside(images: string): Promise<string | undefined> {
  const file = basename(images);
  const guess = file.replace('images', 'labels').replace('idx3', 'idx1');
  if (guess === file) return undefined;
  const path = join(dirname(images), guess);
  return (await kindOf(path)) === 'file' ? path : undefined;
}

async function openImages(folder: string, options: OpenSourceOptions): Promise<Splits> {
  const trainFolder = join(folder, 'train');
  if ((await kindOf(trainFolder)) !== 'folder') return { train: await imageFolder(folder, options), test: null };
  const train = await imageFolder(trainFolder, options);
  let test: ImageSource | null = null;
  for (const split of ['test', 'val']) {
    if (test !== null || (await kindOf(join(folder, split))) !== 'folder') continue;
    // The numbering of the train split, so that a class missing from the test split shifts no labels.
    test = await imageFolder(join(folder, split), { ...options, classes: train.classes ?? undefined });
  }
  return { train, test };
}

/** What opens files that end so. */
const OPENERS: Readonly<Record<string, typeof webDataset | typeof parquetImages>> = { '.tar': webDataset, '.parquet': parquetImages };

/** Both splits of the shards or tables in a folder, or null when it has none. */
async function openShards(folder: string, ending: string, options: OpenSourceOptions): Promise<Splits | null> {
  const files = await filesBySplit(folder, ending);
  const open = OPENERS[ending]!;
  if (!files) return null;
  const train = await open(folder, { ...options, split: 'train' });
  // The numbering of the train split, so that a class missing from the test split shifts no labels.
  const named = { ...options, classes: train.classes ?? undefined };
  return { train, test: files.test.length > 0 ? await open(folder, { ...named, split: 'test' }) : null };
}

/**
 * Opens whatever `spec` names: `embedded` (the Fashion-MNIST sample), or a path, told by what is there: a folder of IDX files, of
 * binary CIFAR-10 or CIFAR-100, of images (with `train` and `test` or `val` subfolders, or as one set), or one IDX file.
 *
 * @throws DataError `not-found` with what was expected when nothing fits, otherwise as the kind of data does
 */
export async function openSource(spec: string, options: OpenSourceOptions = {}): Promise<Splits> {
  if (spec === 'embedded') return fashionMnistSample();
  const kind = isUrl(spec) ? 'file' : await kindOf(spec);
  const ending = /\.[a-z]+$/i.exec(spec)?.[0].toLowerCase() ?? '';
  const open = OPENERS[ending];
  // Where there is nothing, the name may be a pattern.
  if (open && kind !== 'folder') return { train: await open(spec, options), test: null };
  if (kind === 'nothing') throw new DataError('not-found', `There is nothing at "${spec}"; ${EXPECTED}.`);
  if (kind === 'file') {
    if (/\.npy$/i.test(spec)) return { train: await npyImages(spec), test: null };
    if (!/(\.idx|[-.]idx\d-ubyte)(\.gz)?$/i.test(spec)) {
      throw new DataError('bad-format', `${spec} is a file of an unknown kind; ${EXPECTED}.`);
    }
    return { train: await idxImages(spec, await labelsBeside(spec)), test: null };
  }
  if (await isIdxFolder(spec)) return idxFolder(spec);
  const cifar = await cifarFormat(spec);
  if (cifar) return cifar === 'cifar10' ? cifar10(spec) : cifar100(spec);
  for (const kindOfFile of Object.keys(OPENERS)) {
    const shards = await openShards(spec, kindOfFile, options);
    if (shards) return shards;
  }
  try {
    return await openImages(spec, options);
  } catch (error) {
    if (error instanceof DataError && error.code === 'not-found') {
      throw new DataError('not-found', `${error.message.replace(/; [^;]*$/, '')}; ${EXPECTED}.`, { cause: error });
    }
    throw error;
  }
}
