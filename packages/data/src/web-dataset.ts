import type { FilePlace } from './byte-file.ts';
import { counted } from './counted.ts';
import { declaredSize, spreadOver } from './declared-size.ts';
import { decodeOptions, type DecodeSettings } from './decode-settings.ts';
import { DataError } from './error.ts';
import { readImageRanges } from './image-ranges.ts';
import type { ImageSource } from './image.ts';
import { numberLabels } from './label-names.ts';
import { loadSharp } from './load-sharp.ts';
import { openBytes } from './open-bytes.ts';
import type { ImageRanges } from './origin.ts';
import { findSet, type Split } from './set-files.ts';
import { checkShare, isSkipping, type SkipOptions } from './skip.ts';
import { tarSamples, type TarSample, type TarSampleOptions } from './tar-samples.ts';

/** What `webDataset` takes. */
export interface WebDatasetOptions extends DecodeSettings {
  /** Which part of a folder that has both: told by the words train, test and val in file or subfolder names. */
  readonly split?: Split | undefined;
  /** Names of the classes by label. Default: those in `classnames.txt` or `meta.json` beside the shards. */
  readonly classes?: readonly string[] | undefined;
  /** The property of a sample's `.json` that is its label, a number or a name. Default `label`. */
  readonly jsonLabel?: string | undefined;
  /** Sent with each request for a URL, such as `{ authorization: 'Bearer …' }`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /**
   * `'skip'` (default) leaves out entries that are no use: links, paths that climb or are absolute, keys and parts that are there
   * twice, samples without an image, and what a damaged or cut shard has behind the damage. `skipped` of the source names them,
   * and more than 1 % are an error. `'fail'`: the first is.
   */
  readonly onError?: SkipOptions['onError'];
}

/** WebDataset shards as a source. */
export interface WebDatasetSource extends ImageSource {
  /** The shards, in order. */
  readonly shards: readonly string[];
  readonly skipped: readonly string[];
}

/** How many shards are indexed at a time: what a server is asked for at once. */
const CONCURRENT_SHARDS = 4;

/** How many entries are named; the rest is counted. */
const NAMED = 1000;

/** A shard and, by sample, what `ImageRanges` keeps: columns, because objects would need several times the memory. */
interface Shard {
  readonly file: FilePlace;
  readonly header: number[];
  readonly offset: number[];
  readonly bytes: number[];
  readonly labels: TarSample['label'][];
}

async function indexShard(place: string, headers: FilePlace['headers'], skip: boolean, options: TarSampleOptions): Promise<Shard> {
  const file = await openBytes(place, headers);
  const { size, version } = file;
  const shard: Shard = { file: { place, size, version, headers: file.headers }, header: [], offset: [], bytes: [], labels: [] };
  let end = 0;
  try {
    for await (const sample of tarSamples(file, options)) {
      shard.header.push(sample.header);
      shard.offset.push(sample.offset);
      shard.bytes.push(sample.size);
      shard.labels.push(sample.label);
      end = sample.offset + sample.size;
    }
  } catch (error) {
    if (!skip || !isDamage(error)) throw error;
    // What was whole before is of use. What follows cannot be counted; it is as much as its share of the bytes.
    const lost = end === 0 ? 1 : Math.max(1, Math.round((shard.header.length * (size - end)) / end));
    options.onBad(`${error.message.replace(/\.$/, '')} (about ${counted(lost, 'sample')} of it lost).`, lost);
  }
  return shard;
}

/** True when an archive is damaged, rather than out of reach. */
function isDamage(error: unknown): error is DataError {
  return error instanceof DataError && (error.code === 'truncated' || error.code === 'bad-format');
}

/** The columns of all shards as one, in memory that threads share; without samples that have no label where `labelledOnly`. */
function joinShards(shards: readonly Shard[], length: number, labelledOnly: boolean): Pick<ImageRanges, 'file' | 'header' | 'offset' | 'bytes'> {
  const numbers = (): Float64Array => new Float64Array(new SharedArrayBuffer(8 * length));
  const joined = { file: new Uint32Array(new SharedArrayBuffer(4 * length)), header: numbers(), offset: numbers(), bytes: numbers() };
  let at = 0;
  for (const [number, { header, offset, bytes, labels }] of shards.entries()) {
    for (let sample = 0; sample < header.length; sample++) {
      if (labelledOnly && labels[sample] === null) continue;
      joined.file[at] = number;
      joined.header[at] = header[sample]!;
      joined.offset[at] = offset[sample]!;
      joined.bytes[at] = bytes[sample]!;
      at++;
    }
  }
  return joined;
}

/**
 * WebDataset shards, from disk or over HTTP with range requests: tar files in which consecutive files with one key are a
 * sample, an image (`.jpg`, `.png`, …) with its label in `.cls` (a number) or `.json`.
 *
 * Opening passes once over the headers of each shard; 32 bytes a sample are kept. Images are then read from where they lie
 * and decoded, in any order. Nothing is unpacked to disk. Needs the optional peer `sharp`.
 *
 * @param shards a folder, a `.tar` file, a URL, a pattern such as `train-{000..012}.tar`, or several
 * @throws DataError `not-found`, `mismatch` for labels that do not fit, `unreadable-image` when more than 1 % of the samples are no
 * use, or with `onError: 'fail'` `bad-format` or `truncated` for the first, naming it, `missing-dependency` or `bad-option`
 * @see https://github.com/webdataset/webdataset
 */
export async function webDataset(shards: string | readonly string[], options: WebDatasetOptions = {}): Promise<WebDatasetSource> {
  const { jsonLabel = 'label', headers = null, size } = options;
  const decode = await decodeOptions(options);
  const set = await findSet(shards, '.tar', options.split);
  const { name, places } = set;
  const skip = isSkipping(options, 'skip');
  const sharp = await loadSharp();
  const skipped: string[] = [];
  let bad = 0;
  const onBad = (reason: string, samples: number = 1): void => {
    if (!skip) throw new DataError('bad-format', reason);
    bad += samples;
    if (skipped.length < NAMED) skipped.push(reason);
  };

  const indexed: Shard[] = [];
  for (let start = 0; start < places.length; start += CONCURRENT_SHARDS) {
    const some = places.slice(start, start + CONCURRENT_SHARDS);
    indexed.push(...(await Promise.all(some.map((place) => indexShard(place, headers, skip, { jsonLabel, onBad })))));
  }
  const found = indexed.flatMap((shard) => shard.labels);
  const known = found.filter((label) => label !== null);
  const labelledOnly = known.length > 0;
  const without = found.length - known.length;
  if (labelledOnly && without > 0) {
    onBad(`${counted(without, 'sample')} of ${name} without a label, beside ${known.length} with one.`, without);
  }
  const length = labelledOnly ? known.length : found.length;
  checkShare(bad, length + bad, `${bad} of the ${length + bad} samples of ${name}`, skipped);
  if (length === 0) throw new DataError('not-found', `${name} has no samples with an image; give shards that have.`);
  if (skipped.length === NAMED) skipped.push('And more.');

  const names = options.classes ?? set.classes;
  const { labels, classes } = labelledOnly ? numberLabels(name, known, names) : { labels: null, classes: null };
  const ranges: ImageRanges = { name, files: indexed.map(({ file }) => file), ...joinShards(indexed, length, labelledOnly), decode, size: decode.size };
  const declared = await declaredSize(size, decode, spreadOver(length), readImageRanges(sharp, ranges));
  const read = readImageRanges(sharp, { ...ranges, ...declared });
  return { name, length, channels: decode.channels, size: declared.size, read, labels, classes, shards: places, skipped };
}
