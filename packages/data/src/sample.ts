import { DataError, reasonOf } from './error.ts';
import { gunzip } from './gunzip.ts';
import { idxSource, readIdx } from './idx.ts';
import type { ImageSource } from './image.ts';

/** The classes of Fashion-MNIST by label. */
export const FASHION_MNIST_CLASSES: readonly string[] = [
  'T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot',
];

/** Both splits of the sample. */
export interface SampleSplits {
  /** 10,000 images, 1,000 of each class. */
  readonly train: ImageSource;
  /** 2,000 images, 200 of each class. */
  readonly test: ImageSource;
}

/** Where the real sample ends: its 12,000 images of 28×28, their labels and four headers. */
const SAMPLE_BYTES = 12_000 * (28 * 28 + 1) + 2 * (16 + 8);

/**
 * The Fashion-MNIST sample from the bytes of this package's `assets/fashion-mnist-sample.idx.gz`: the first 1,000 train
 * and 200 test images of each class, 28×28 with one channel, in their original order.
 *
 * @throws DataError `bad-format`, `truncated` or `too-large` when the bytes are not that file
 * @see https://github.com/zalandoresearch/fashion-mnist — Xiao, Rasul, Vollgraf 2017, MIT licence beside the asset
 */
export async function decodeSample(bytes: Uint8Array): Promise<SampleSplits> {
  const name = 'The Fashion-MNIST sample';
  const all = await gunzip(bytes, name, SAMPLE_BYTES);
  let at = 0;
  const split = (label: 'train' | 'test'): ImageSource => {
    const images = readIdx(all, at, name);
    const labels = readIdx(all, images.end, name);
    at = labels.end;
    const sourceName = `fashion-mnist-sample/${label}`;
    return idxSource({ images: images.array, labels: labels.array, name: sourceName, classes: FASHION_MNIST_CLASSES });
  };
  return { train: split('train'), test: split('test') };
}

/**
 * The Fashion-MNIST sample from a URL where you serve `assets/fashion-mnist-sample.idx.gz`.
 *
 * @throws DataError `not-found` when the server does not answer with the file, and what `decodeSample` throws
 */
export async function fetchSample(url: string | URL): Promise<SampleSplits> {
  const help = "serve this package's assets/fashion-mnist-sample.idx.gz there.";
  const response = await fetch(url).catch((cause: unknown) => {
    throw new DataError('not-found', `${url} could not be fetched (${reasonOf(cause)}); ${help}`, { cause });
  });
  if (!response.ok) throw new DataError('not-found', `${url} answered with status ${response.status}; ${help}`);
  return decodeSample(new Uint8Array(await response.arrayBuffer()));
}
