import type { FilePlace } from './byte-file.ts';
import { DataError } from './error.ts';
import { imageDecoder, type ImageDecoderOptions } from './image-decoder.ts';
import { isUrl, openBytes } from './open-bytes.ts';
import { checkSeed, checkWhole, permutation } from './random.ts';
import { openSequentialUrl } from './sequential-url.ts';
import { findSet, type Split } from './set-files.ts';
import { streamSource, type StreamedImage, type StreamSource } from './stream.ts';
import { tarSamples } from './tar-samples.ts';

/** What `webDatasetStream` takes. */
export interface WebDatasetStreamOptions extends ImageDecoderOptions {
  /** Images of an epoch. Shards that have fewer are gone through again until there are so many. */
  readonly length: number;
  /** Mixes the order of the shards by (seed, epoch). Left out: they come in their order. */
  readonly seed?: number | undefined;
  /** Which part of a folder that has both: told by the words train, test and val in file or subfolder names. */
  readonly split?: Split | undefined;
  /** Sent with each request for a URL. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Keeps these draws apart from other uses of the same seed. */
const SHARDS = 0x73686172;

/** An image that cannot be had: it is left out and named by whoever asks for it, as one that cannot be decoded. */
const lost = (reason: string) => (): never => {
  throw new DataError('unreadable-image', reason);
};

async function* imagesOf(place: string, headers: FilePlace['headers']): AsyncGenerator<StreamedImage, void, undefined> {
  const url = isUrl(place) ? await openSequentialUrl(place, headers) : null;
  const bad: string[] = [];
  try {
    const samples = tarSamples(url ?? (await openBytes(place)), { jsonLabel: 'label', withImages: true, onBad: (reason) => bad.push(reason) });
    for await (const { path, image } of samples) {
      yield { encoded: image!, name: `${path} in ${place}` };
      while (bad.length > 0) yield lost(bad.shift()!);
    }
  } catch (error) {
    // What is behind the damage is lost, and the next shard may be whole.
    if (!(error instanceof DataError) || (error.code !== 'truncated' && error.code !== 'bad-format')) throw error;
    bad.push(error.message);
  } finally {
    url?.close();
  }
  for (const reason of bad) yield lost(reason);
}

/**
 * WebDataset shards as a stream: each URL is one request an epoch, read from front to back, and nothing is indexed before. For sets that are
 * too far away or too many for `webDataset`, which reads images in any order and needs a request for each.
 *
 * Mixing is by the order of the shards (`seed`) and the shuffle buffer of the batches. It has no labels. Entries that are no use, and what a
 * damaged shard has behind the damage, count as images that cannot be decoded.
 *
 * @param shards a folder, a `.tar` file, a URL, a pattern such as `https://…/train-{000..012}.tar`, or several
 * @throws DataError `bad-option`, `not-found`, `missing-dependency`; iterating throws `not-found` for a shard that is out of reach
 * @see https://github.com/webdataset/webdataset
 */
export async function webDatasetStream(shards: string | readonly string[], options: WebDatasetStreamOptions): Promise<StreamSource> {
  const { length, seed, split, headers = null, size = null, channels = 3 } = options;
  checkWhole('length', length, 1);
  if (seed !== undefined) checkSeed(seed);
  const { name, places } = await findSet(shards, '.tar', split);
  const decode = await imageDecoder(options);

  async function* open(epoch: number): AsyncGenerator<StreamedImage, void, undefined> {
    let given = 0;
    for (let pass = 0; given < length; pass++) {
      const before = given;
      const order = seed === undefined ? places.keys() : permutation(places.length, [seed, epoch, pass, SHARDS]);
      for (const at of order) {
        for await (const image of imagesOf(places[at]!, headers)) {
          yield image;
          if (++given === length) return;
        }
      }
      if (given === before) throw new DataError('not-found', `${name} has no samples with an image; give shards that have.`);
    }
  }
  return streamSource({ name, channels, size, length, open, decode });
}
