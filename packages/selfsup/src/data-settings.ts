import { availableParallelism } from 'node:os';
import type { ImageSource, StreamSource } from '@selfsup/data';
import type { Command } from 'cac';
import { usageError } from './error.ts';

/** Images that a config file gives as a value. */
export type GivenData =
  | ImageSource
  | StreamSource
  | { readonly train: ImageSource | StreamSource; readonly test?: ImageSource | StreamSource | null };

/** What a config file may say about data. Options of the command line win over it. */
export interface DataConfig {
  /**
   * `'embedded'`; the path of images, shards, Parquet, IDX, CIFAR or NumPy files; a URL or pattern of shards; or images of your
   * own. Give them as a function: rendering threads load the config file too, and shall not open them again.
   */
  readonly data?: string | GivenData | (() => GivenData | Promise<GivenData>);
  /** The test split, where `data` has none. */
  readonly testData?: string;
  /** Go through `.tar` shards from front to back, so many images an epoch, instead of finding out first where each image is. */
  readonly stream?: number;
  /** Of a stream, how many images wait to be drawn from: the more, the better mixed. Default 1000. */
  readonly shuffleBuffer?: number;
  /** 3 for RGB, 1 for grayscale: of encoded images. */
  readonly channels?: 1 | 3;
  /** Only the images of these classes, by name or label. */
  readonly classes?: string | number | readonly (string | number)[];
  /** A share of the training images, above 0 and at most 1, of each class alike. */
  readonly fraction?: number;
  /** What becomes of images that cannot be decoded: left out and named at the end (default), or the end of the run. */
  readonly onError?: 'skip' | 'fail';
  /** Which decoder reads JPEGs: the fast one (default; samples differ by 0.2/255 on average), or one with the bytes of libjpeg and PIL. */
  readonly jpeg?: 'exact' | 'fast';
  /** Megabytes of decoded pixels that are kept. */
  readonly cache?: number;
  /** Threads that decode images and render views; 0 does it between the steps. */
  readonly workers?: number;
}

/** The same, checked, with every default filled in. */
export interface DataSettings {
  readonly data: NonNullable<DataConfig['data']>;
  readonly testData: string | undefined;
  /** Images of an epoch of shards that are gone through; null: images by index, or a value. */
  readonly stream: number | null;
  readonly shuffleBuffer: number | undefined;
  readonly channels: 1 | 3 | undefined;
  readonly classes: readonly (string | number)[] | null;
  readonly share: number;
  readonly seed: number;
  readonly onError: 'skip' | 'fail';
  readonly jpeg: 'exact' | 'fast';
  readonly cacheBytes: number;
  readonly workers: number;
}

/** The keys of `DataConfig`. */
export const dataKeys: readonly (keyof DataConfig)[] = ['data', 'testData', 'stream', 'shuffleBuffer', 'channels', 'classes', 'fraction', 'onError', 'jpeg', 'cache', 'workers'];

/** The options of every command that reads images. */
export function addDataOptions(command: Command, { trains }: { readonly trains: boolean }): Command {
  command
    .option('--data <spec>', 'embedded, or images: a folder, .tar shards, .parquet, .npy, IDX or CIFAR files, a URL or a pattern like s-{00..12}.tar (default: embedded)')
    .option('--test-data <spec>', 'The test split, where --data has none')
    .option('--stream <images>', 'Read the .tar shards of --data from front to back, so many images an epoch, one request a shard, without labels')
    .option('--channels <n>', '3 for RGB, 1 for grayscale, of encoded images')
    .option('--classes <list>', 'Only these classes, by name or label, with commas between')
    .option('--fraction <share>', 'A share of the training images, of each class alike, such as 0.1')
    .option('--on-error <policy>', 'Images that cannot be decoded: skip them and name them at the end, or fail (default: skip)')
    .option('--jpeg <decoder>', `fast, or exact: the bytes of libjpeg and PIL, in twice the time (default: ${trains ? 'fast' : "that of the encoder's training"})`)
    .option('--cache <MB>', 'Decoded pixels kept in memory (default: 1024)');
  if (!trains) return command;
  return command
    .option('--shuffle-buffer <images>', 'Of a stream, how many images wait to be drawn from (default: 1000)')
    .option('--workers <n>', `Threads that decode and augment; 0 for none (default: half the cores, here ${defaultWorkers()})`);
}

/** What of `flags` is about data. */
export function dataFlags(flags: Readonly<Record<string, unknown>>): DataConfig {
  return Object.fromEntries(dataKeys.filter((key) => flags[key] !== undefined).map((key) => [key, flags[key]]));
}

/**
 * @param trained how the encoder's images were decoded, which its features are to be compared with; one that does not say is older than
 * the choice, and had the exact decoder
 * @throws CliError (2) for the first value that cannot be used, saying what can
 */
export function resolveData(config: DataConfig, seed: number, trained: Decoder = { jpeg: 'fast' }): DataSettings {
  const { data = 'embedded', testData, onError = 'skip', jpeg = trained.jpeg ?? 'exact' } = config;
  if (typeof data !== 'string' && typeof data !== 'object' && typeof data !== 'function') throw usageError(`data is ${JSON.stringify(data)}; give a path, or images.`);
  if (onError !== 'skip' && onError !== 'fail') throw usageError(`onError is ${JSON.stringify(onError)}; choose skip or fail.`);
  if (jpeg !== 'exact' && jpeg !== 'fast') throw usageError(`jpeg is ${JSON.stringify(jpeg)}; choose exact or fast.`);
  const stream = config.stream === undefined ? null : number('stream', config.stream);
  if (stream !== null && (!Number.isInteger(stream) || stream < 1)) throw usageError(`stream is ${stream}; give the images of an epoch, a whole number.`);
  if (stream !== null && (typeof data !== 'string' || data === 'embedded')) throw usageError('stream is for shards; give --data .tar files, their folder or URL, or leave it out.');
  const shuffleBuffer = config.shuffleBuffer === undefined ? undefined : number('shuffleBuffer', config.shuffleBuffer);
  if (shuffleBuffer !== undefined && (!Number.isInteger(shuffleBuffer) || shuffleBuffer < 1)) throw usageError(`shuffleBuffer is ${shuffleBuffer}; give a whole number of images.`);
  const channels = config.channels === undefined ? undefined : Number(config.channels);
  if (channels !== undefined && channels !== 1 && channels !== 3) throw usageError(`channels is ${JSON.stringify(config.channels)}; choose 3 for RGB or 1 for grayscale.`);
  const share = number('fraction', config.fraction ?? 1);
  if (!(share > 0 && share <= 1)) throw usageError(`fraction is ${share}; give a share above 0 and at most 1, such as 0.1.`);
  const workers = number('workers', config.workers ?? defaultWorkers());
  if (!Number.isInteger(workers) || workers < 0 || workers > mostWorkers) {
    throw usageError(`workers is ${workers}; give a whole number of threads, at most ${mostWorkers}, or 0; half the cores is best.`);
  }
  const cache = number('cache', config.cache ?? 1024);
  if (!(cache >= 0)) throw usageError(`cache is ${cache}; give megabytes, or 0 for no cache.`);
  return { data, testData, stream, shuffleBuffer, channels, classes: classList(config.classes), share, seed, onError, jpeg, cacheBytes: cache * 2 ** 20, workers };
}

/** What a run says of the decoder of its images: nothing where they are a value, which decodes by itself. */
export interface Decoder {
  readonly jpeg?: DataSettings['jpeg'];
}

/** The decoder of the images of these settings. */
export function decoderOf({ data, jpeg }: DataSettings): Decoder {
  return typeof data === 'string' ? { jpeg } : {};
}

/** The settings that were given, as a config that `--config` takes, and the decoder; images that are a value are only named. */
export function dataRecord(config: DataConfig, settings: DataSettings): DataConfig {
  const { data, stream, shuffleBuffer } = settings;
  const streaming = { ...(stream === null ? {} : { stream }), ...(shuffleBuffer === undefined ? {} : { shuffleBuffer }) };
  const given = Object.fromEntries(dataKeys.map((key) => [key, config[key]]).filter(([, value]) => value !== undefined));
  return { ...given, data: typeof data === 'string' ? data : 'images of the config file', ...streaming, ...decoderOf(settings) };
}

/** Each thread takes some 20 MB. */
const mostWorkers = 256;

/** Half the cores: the others compute, and one thread renders faster than one core trains. */
function defaultWorkers(): number {
  return Math.max(1, Math.min(8, Math.floor(availableParallelism() / 2)));
}

function number(what: string, value: unknown): number {
  const converted = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof converted === 'number' && Number.isFinite(converted)) return converted;
  throw usageError(`${what} is ${JSON.stringify(value)}, but it must be a number.`);
}

function classList(classes: DataConfig['classes']): readonly (string | number)[] | null {
  if (classes === undefined) return null;
  const list = typeof classes === 'string' ? classes.split(',') : typeof classes === 'number' ? [classes] : classes;
  return list.map((each) => {
    const text = String(each).trim();
    return /^\d+$/.test(text) ? Number(text) : text;
  });
}
