import { basename, dirname, join } from 'node:path';
import { cifar10, cifar100, cifarFormat } from './cifar-files.ts';
import type { DecodeSettings } from './decode-settings.ts';
import { DataError } from './error.ts';
import { fashionMnistSample } from './fashion-mnist-sample.ts';
import { idxFolder, idxImages, isIdxFolder } from './idx-files.ts';
import { imageFile, imageFolder } from './image-folder.ts';
import type { ImageSource, Splits } from './image.ts';
import { IMAGE_NAME } from './list-images.ts';
import { isUrl } from './open-bytes.ts';
import { npyImages } from './npy-files.ts';
import { parquetImages } from './parquet.ts';
import { kindOf } from './read-file.ts';
import { filesBySplit, type Split } from './set-files.ts';
import type { SkipOptions } from './skip.ts';
import { webDataset } from './web-dataset.ts';

/** How encoded images are decoded: those of folders, shards and Parquet. The other kinds of data have their own size and channels. */
export interface OpenSourceOptions extends DecodeSettings {
  /** Names of the classes by label, as for a test set that is opened by itself. Default: what the data say. */
  readonly classes?: readonly string[] | undefined;
  /** What becomes of entries of shards that are no use. Default `'skip'`. */
  readonly onError?: SkipOptions['onError'];
}

const REMEDY = 'give images, .tar shards, .parquet, .npy, IDX or CIFAR files, a folder of these, or `embedded`';

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
const OPENERS: Readonly<Record<string, (files: string, options: OpenSourceOptions & { readonly split?: Split }) => Promise<ImageSource>>> = {
  '.tar': webDataset,
  '.parquet': parquetImages,
};

/** Both splits of the shards or tables in a folder, or null when it has none. */
async function openShards(folder: string, ending: string, options: OpenSourceOptions): Promise<Splits | null> {
  const files = await filesBySplit(folder, ending);
  const open = OPENERS[ending]!;
  if (!files) return null;
  const train = await open(folder, { ...options, split: 'train' });
  // The numbering of the train split, so that a class missing from the test split shifts no labels.
  const named = { ...options, classes: train.classes ?? undefined, split: 'test' } as const;
  return { train, test: files.test.length > 0 ? await open(folder, named) : null };
}

/** Both splits of the NumPy files of images in a folder, or null when it has none. */
async function openArrays(folder: string): Promise<Splits | null> {
  const files = await filesBySplit(folder, 'images.npy');
  const [train] = files?.train ?? [];
  const [test] = files?.test ?? [];
  if (train === undefined) return null;
  return { train: await npyImages(train), test: test === undefined ? null : await npyImages(test) };
}

/**
 * Opens whatever `spec` names: `embedded` (the Fashion-MNIST sample); an image; a `.tar`, `.parquet`, `.npy` or IDX file; a URL of shards or
 * Parquet, or a pattern such as `train-{000..012}.tar`; or a folder, told by what is there: IDX files, binary CIFAR-10 or CIFAR-100,
 * shards, Parquet files, or images (with `train` and `test` or `val` subfolders, or as one set).
 *
 * @throws DataError `not-found` with what was expected when nothing fits, otherwise as the kind of data does
 */
export async function openSource(spec: string, options: OpenSourceOptions = {}): Promise<Splits> {
  if (spec === 'embedded') return fashionMnistSample();
  const kind = isUrl(spec) ? 'file' : await kindOf(spec);
  // A URL may have a query, such as a signature, behind its path.
  const ending = /\.[a-z]+$/i.exec(isUrl(spec) ? spec.replace(/[?#].*$/s, '') : spec)?.[0].toLowerCase() ?? '';
  const open = OPENERS[ending];
  if (ending === '.npy' && kind === 'file') return { train: await npyImages(spec), test: null };
  // Where there is nothing, the name may be a pattern.
  if (open && kind !== 'folder') return { train: await open(spec, options), test: null };
  if (kind === 'nothing') throw new DataError('not-found', `There is nothing at "${spec}"; give the path or the URL of images that are there, or \`embedded\`.`);
  if (kind === 'file') {
    if (IMAGE_NAME.test(spec)) return { train: await imageFile(spec, options), test: null };
    if (!/(\.idx|[-.]idx\d-ubyte)(\.gz)?$/i.test(spec)) {
      throw new DataError('bad-format', `${spec} is a file of an unknown kind; ${REMEDY}.`);
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
  const arrays = await openArrays(spec);
  if (arrays) return arrays;
  try {
    return await openImages(spec, options);
  } catch (error) {
    if (error instanceof DataError && error.code === 'not-found') {
      throw new DataError('not-found', `${error.message.replace(/; [^;]*$/, '')}; ${REMEDY}.`, { cause: error });
    }
    throw error;
  }
}
