import { checkRank, type BatchOptions } from './batch-plan.ts';
import { DataError } from './error.ts';
import type { Image, ImageSize, ImageSource } from './image.ts';
import { checkSeed, checkWhole, randomBelow } from './random.ts';
import { checkRenderer, renderBatch } from './render-batch.ts';
import { skipTally } from './skip.ts';
import { viewBatch } from './view-batches.ts';
import type { ViewBatch, ViewBatches, ViewRenderer } from './view.ts';

/** An image of a stream, or how to get it: what waits in the shuffle buffer should be small. */
export type StreamedImage = Image | (() => Image | Promise<Image>);

/** Images in an order of their own, that can be gone through again and again. */
export interface StreamSource {
  /** For logs and errors. */
  readonly name: string;
  /** The same for every image. */
  readonly channels: number;
  /** The size of every image, or null when it varies. */
  readonly size: ImageSize | null;
  /** Images of an epoch: how many each call of `open` gives at least. */
  readonly length: number;
  /** The images of one epoch. To resume, it must give the same images in the same order again. */
  readonly open: (epoch: number) => AsyncIterable<StreamedImage> | Iterable<StreamedImage>;
}

/** What `streamSource` takes. */
export interface StreamSourceOptions extends Omit<StreamSource, 'name' | 'size'> {
  /** Default `stream`. */
  readonly name?: string | undefined;
  /** Default null: it varies. */
  readonly size?: ImageSize | null | undefined;
}

/**
 * Images of your own that come one after another: from an archive, a database, a generator.
 *
 * @throws DataError `bad-option` unless `length` and `channels` are whole numbers of at least 1
 */
export function streamSource(options: StreamSourceOptions): StreamSource {
  const { name = 'stream', size = null, channels, length, open } = options;
  checkWhole('length', length, 1);
  checkWhole('channels', channels, 1);
  return { name, channels, size, length, open };
}

/** The images of `source` in its order, each read when its turn in a batch comes. For sets that are read best in order. */
export function streamOf(source: ImageSource): StreamSource {
  const { name, channels, size, length } = source;
  const open = function* (): Generator<StreamedImage, void, undefined> {
    for (let index = 0; index < length; index++) yield () => source.read(index);
  };
  return { name, channels, size, length, open };
}

/** What `streamBatches` takes. */
export interface StreamBatchesOptions<Name extends string> extends Omit<BatchOptions, 'shuffle'> {
  /** A renderer per view. */
  readonly views: Readonly<Record<Name, ViewRenderer>>;
  /** How many images wait to be drawn from: the larger, the better mixed. 1 keeps the order. Default 1000. */
  readonly shuffleBuffer?: number | undefined;
}

/** Keeps these draws apart from other uses of the same seed. */
const STREAM = 0x73747265;

interface Numbered {
  readonly index: number;
  readonly image: StreamedImage;
}

/** Every `worldSize`-th image, each with its number in the stream, in the order in which they are drawn from the buffer. */
async function* shuffled(
  stream: StreamSource,
  epoch: number,
  { seed, shuffleBuffer, rank, worldSize }: { readonly seed: number; readonly shuffleBuffer: number; readonly rank: number; readonly worldSize: number },
): AsyncGenerator<readonly Numbered[], void, undefined> {
  const below = randomBelow([seed, epoch, STREAM, rank]);
  const buffer: Numbered[] = [];
  let drawn: Numbered[] = [];
  let index = 0;
  const draw = (): void => {
    const at = below(buffer.length);
    drawn.push(buffer[at]!);
    buffer[at] = buffer.at(-1)!;
    buffer.pop();
  };
  for await (const image of stream.open(epoch)) {
    if (index % worldSize === rank) buffer.push({ index, image });
    index++;
    if (buffer.length >= shuffleBuffer) draw();
    // In portions: a generator step for each image would cost more than the image.
    if (drawn.length < 256) continue;
    yield drawn;
    drawn = [];
  }
  while (buffer.length > 0) draw();
  yield drawn;
}

/** As many at a time as a batch has. */
async function* inBatches(portions: AsyncIterable<readonly Numbered[]>, batchSize: number): AsyncGenerator<readonly Numbered[], void, undefined> {
  let batch: Numbered[] = [];
  for await (const portion of portions) {
    for (const image of portion) {
      batch.push(image);
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/**
 * Batches of views of a stream, mixed by a shuffle buffer: each image is drawn uniformly from those that wait, by (seed, epoch).
 * Memory holds `shuffleBuffer` images and two batches, however long the stream. `index` of an image is its place in the stream.
 *
 * With ranks, each goes through the whole stream and keeps every `worldSize`-th image. `epoch(n, fromStep)` goes through the
 * images before without rendering them. Iterating throws `mismatch` when the stream has fewer images than its `length`.
 *
 * @throws DataError `bad-option` or `mismatch` as `viewBatches`
 */
export function streamBatches<Name extends string>(stream: StreamSource, options: StreamBatchesOptions<Name>): ViewBatches<Name> {
  const { views, batchSize, seed, dropLast = true, shuffleBuffer = 1000, rank = 0, worldSize = 1 } = options;
  const names = Object.keys(views) as Name[];
  if (names.length === 0) throw new DataError('bad-option', 'views is empty; give at least one named renderer.');
  checkWhole('batchSize', batchSize, 1);
  checkWhole('shuffleBuffer', shuffleBuffer, 1);
  checkSeed(seed);
  checkRank(rank, worldSize);
  for (const name of names) checkRenderer(stream, views[name], `View "${name}"`);
  const renderers = names.map((name) => views[name]);
  // What every rank has, so that all take the same number of steps.
  const own = Math.floor(stream.length / worldSize);
  const stepsPerEpoch = dropLast ? Math.floor(own / batchSize) : Math.ceil(own / batchSize);
  if (stepsPerEpoch === 0) {
    const message = `${stream.name} has ${own} image(s) for each rank, fewer than one batch of ${batchSize}; use smaller batches.`;
    throw new DataError('bad-option', message);
  }
  const tally = skipTally(stream, options, 'skip');
  type Prepared = Awaited<ReturnType<typeof renderBatch>>;
  const renderNumbered = (batch: readonly Numbered[], epoch: number): Promise<Prepared> => {
    const images = new Map(batch.map(({ index, image }) => [index, image]));
    const read = (index: number): Image | Promise<Image> => {
      const image = images.get(index)!;
      return typeof image === 'function' ? image() : image;
    };
    const { name, channels, size } = stream;
    const indices = Int32Array.from(batch, ({ index }) => index);
    return renderBatch({ source: { name, channels, size, read }, renderers, indices, seed, epoch, skip: tally.skip });
  };

  async function* generate(epoch: number, fromStep: number): AsyncGenerator<ViewBatch<Name>, void, undefined> {
    const pass = tally.pass();
    const batches = inBatches(shuffled(stream, epoch, { seed, shuffleBuffer, rank, worldSize }), batchSize);
    let seen = 0;
    /** The next batch of the stream, rendered only where it is wanted. */
    const prepare = async (step: number): Promise<Prepared | null> => {
      const { value: batch } = await batches.next();
      seen += batch?.length ?? 0;
      if (!batch || (batch.length < batchSize && seen < Math.min(own, (step + 1) * batchSize))) {
        const message = `${stream.name} ended after ${seen} of the ${own} images that its length promises this rank; give the length that it has.`;
        throw new DataError('mismatch', message);
      }
      return step < fromStep ? null : renderNumbered(batch, epoch);
    };
    let ahead: Promise<Prepared | null> | null = null;
    try {
      for (let step = 0; step < stepsPerEpoch; step++) {
        const batch: Prepared | null = await (ahead ?? prepare(step));
        ahead = null;
        if (!batch) continue;
        pass.add(batch.skipped);
        // As in viewBatches: decoding goes on while the caller works, and its failure concerns only who asks for the batch.
        ahead = batch.waited && step + 1 < stepsPerEpoch ? prepare(step + 1) : null;
        ahead?.catch(() => undefined);
        yield viewBatch(names, batch);
      }
    } finally {
      pass.end();
      await batches.return();
    }
  }

  const epoch = (number: number, fromStep: number = 0): AsyncIterable<ViewBatch<Name>> => {
    checkWhole('epoch', number, 0);
    checkWhole('fromStep', fromStep, 0);
    if (fromStep > stepsPerEpoch) {
      throw new DataError('bad-option', `fromStep is ${fromStep} but an epoch has ${stepsPerEpoch} steps; was the batch size changed?`);
    }
    return generate(number, fromStep);
  };
  return { stepsPerEpoch, batchSize, epoch };
}
