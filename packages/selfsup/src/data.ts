import { cachePixels, fraction, ofClasses } from '@selfsup/data';
import type { ImageSource, StreamSource } from '@selfsup/data';
import { openSource, webDatasetStream } from '@selfsup/data/node';
import type { OpenSourceOptions } from '@selfsup/data/node';
import type { DataSettings, GivenData } from './data-settings.ts';
import { usageError } from './error.ts';

/** What to train on and what to judge by. A stream has no images by index. */
export interface Data {
  readonly train: ImageSource | StreamSource;
  readonly test: ImageSource | StreamSource | null;
}

/** True for images by index. */
export function isIndexed(source: ImageSource | StreamSource): source is ImageSource {
  return 'read' in source;
}

/**
 * Opens what the settings name, brings encoded images to what `decode` says, and takes the parts that were asked for.
 * @param mixShards a stream of shards has them in another order each epoch, drawn from the seed
 */
export async function openData(
  settings: DataSettings,
  decode: Pick<OpenSourceOptions, 'channels' | 'size' | 'minSide'> = {},
  { mixShards = false }: { readonly mixShards?: boolean } = {},
): Promise<Data> {
  const { testData, channels, onError, jpeg, classes, share, seed, cacheBytes } = settings;
  const options: OpenSourceOptions = { size: 'detect', ...decode, ...(channels === undefined ? {} : { channels }), onError, jpeg };
  const opened = await open(settings, options, mixShards);
  const test = testData === undefined ? opened.test : await openTest(testData, { ...options, classes: opened.train.classes ?? undefined });
  const partOf = (source: ImageSource | StreamSource, ofShare: number): ImageSource | StreamSource => {
    if (classes === null && ofShare === 1) return source;
    if (!isIndexed(source)) throw usageError(`${source.name} is a stream, of which no part can be chosen; leave out --classes and --fraction, or choose where it is made.`);
    const chosen = classes === null ? source : ofClasses(source, classes);
    return ofShare === 1 ? chosen : fraction(chosen, ofShare, seed);
  };
  const cached = (source: ImageSource | StreamSource, bytes: number): ImageSource | StreamSource =>
    isIndexed(source) ? cachePixels(source, { maxBytes: Math.floor(bytes) }) : source;
  return {
    train: cached(partOf(opened.train, share), test ? 0.75 * cacheBytes : cacheBytes),
    test: test && cached(partOf(test, 1), 0.25 * cacheBytes),
  };
}

async function open({ data, stream, seed }: DataSettings, options: OpenSourceOptions, mixShards: boolean): Promise<Data> {
  if (typeof data !== 'string') return openGiven(data);
  if (stream === null) return openSource(data, options);
  const { channels, minSide, jpeg } = options;
  // Of a folder that has two splits, the one to train on: a stream has no labels, and so nothing to be judged by.
  return { train: await webDatasetStream(data, { length: stream, ...(mixShards ? { seed } : {}), split: 'train', channels, minSide, jpeg }), test: null };
}

async function openTest(spec: string, options: OpenSourceOptions): Promise<ImageSource> {
  const { train, test } = await openSource(spec, options);
  return test ?? train;
}

async function openGiven(data: GivenData | (() => GivenData | Promise<GivenData>)): Promise<Data> {
  const given = typeof data === 'function' ? await data() : data;
  const { train, test = null } = isSource(given) ? { train: given } : given;
  if (isSource(train) && (test === null || isSource(test))) return { train, test };
  throw usageError('data of the config file is no source; give a path, an ImageSource, a StreamSource, { train, test }, or a function that answers one of these.');
}

function isSource(value: unknown): value is ImageSource | StreamSource {
  return typeof value === 'object' && value !== null && ('read' in value || 'open' in value);
}
