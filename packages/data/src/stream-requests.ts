import type { BatchRequest, BatchShare, EpochPart } from './batch-request.ts';
import { DataError } from './error.ts';
import { randomBelow } from './random.ts';
import type { StreamedImage, StreamSource } from './stream.ts';

/** Keeps these draws apart from other uses of the same seed. */
const STREAM = 0x73747265;

/** How a stream is mixed. */
interface Mixing {
  readonly seed: number;
  /** How many images wait to be drawn. */
  readonly shuffleBuffer: number;
}

interface Numbered {
  readonly index: number;
  readonly image: StreamedImage;
}

/** Every `worldSize`-th of the `length` images, each with its number in the stream, in the order in which they are drawn from the buffer. */
async function* shuffled(
  stream: StreamSource,
  epoch: number,
  { rank, worldSize }: BatchShare,
  { seed, shuffleBuffer }: Mixing,
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
    if (index === stream.length) break;
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
 * The steps of an epoch of a stream, mixed by a shuffle buffer: each image is drawn uniformly from those that wait, by
 * (seed, epoch, rank). Each rank goes through the whole stream. Steps before `from` are gone through and not answered.
 * Throws `mismatch` when the stream has fewer images than its `length`.
 */
export async function* streamRequests(
  stream: StreamSource,
  { epoch, from, to }: EpochPart,
  share: BatchShare,
  mixing: Mixing,
): AsyncGenerator<BatchRequest, void, undefined> {
  const { batchSize, worldSize } = share;
  const own = Math.floor(stream.length / worldSize);
  let seen = 0;
  let step = 0;
  if (from === to) return;
  for await (const batch of inBatches(shuffled(stream, epoch, share, mixing), batchSize)) {
    seen += batch.length;
    if (batch.length < batchSize && seen < Math.min(own, (step + 1) * batchSize)) break;
    if (step >= from) yield { epoch, indices: Int32Array.from(batch, ({ index }) => index), images: batch.map(({ image }) => image) };
    if (++step === to) return;
  }
  const message = `${stream.name} ended after ${seen} of the ${own} images that its length promises this rank; give the length that it has.`;
  throw new DataError('mismatch', message);
}
