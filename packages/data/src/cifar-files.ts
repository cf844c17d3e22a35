import { basename, join, resolve } from 'node:path';
import { cifarSource, type CifarSourceOptions } from './cifar.ts';
import { DataError } from './error.ts';
import type { ImageSource, Splits } from './image.ts';
import { kindOf, readBytes } from './read-file.ts';

interface Layout {
  readonly format: CifarSourceOptions['format'];
  readonly train: readonly string[];
  readonly test: string;
}

const CIFAR10: Layout = {
  format: 'cifar10',
  train: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`),
  test: 'test_batch.bin',
};
const CIFAR100: Layout = { format: 'cifar100', train: ['train.bin'], test: 'test.bin' };

/** Which CIFAR the folder holds, by the name of the first file, or null. */
export async function cifarFormat(folder: string): Promise<CifarSourceOptions['format'] | null> {
  for (const { format, train, test } of [CIFAR10, CIFAR100]) {
    for (const file of [...train, test]) if ((await kindOf(join(folder, file))) === 'file') return format;
  }
  return null;
}

async function readSplits(folder: string, { format, train, test }: Layout, classes?: readonly string[]): Promise<Splits> {
  for (const file of train) {
    if ((await kindOf(join(folder, file))) !== 'file') {
      throw new DataError('not-found', `${folder} has no ${file}; unpack the binary version of ${format} and give the folder with ${train.join(', ')}.`);
    }
  }
  const source = async (files: readonly string[], split: string): Promise<ImageSource> => {
    const contents: Uint8Array[] = [];
    for (const file of files) contents.push(await readBytes(join(folder, file)));
    return cifarSource({ files: contents, format, name: `${basename(resolve(folder))}/${split}`, classes });
  };
  const hasTest = (await kindOf(join(folder, test))) === 'file';
  return { train: await source(train, 'train'), test: hasTest ? await source([test], 'test') : null };
}

/**
 * CIFAR-10 from the folder of its binary version (`cifar-10-batches-bin`), held in memory. `test_batch.bin` is optional.
 *
 * @throws DataError `not-found` naming the missing file, otherwise as `cifarSource`
 */
export async function cifar10(folder: string): Promise<Splits> {
  return readSplits(folder, CIFAR10);
}

/**
 * CIFAR-100 with its fine labels from the folder of its binary version (`cifar-100-binary`), held in memory. `test.bin`
 * is optional; class names come from `fine_label_names.txt` where it is there.
 *
 * @throws DataError `not-found` naming the missing file, otherwise as `cifarSource`
 */
export async function cifar100(folder: string): Promise<Splits> {
  const names = join(folder, 'fine_label_names.txt');
  if ((await kindOf(names)) !== 'file') return readSplits(folder, CIFAR100);
  const lines = new TextDecoder().decode(await readBytes(names)).split(/\r?\n/).map((line) => line.trim());
  return readSplits(folder, CIFAR100, lines.filter((line) => line !== ''));
}
