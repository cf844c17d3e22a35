import { batchPlan, byName, type BatchOptions } from './batch-plan.ts';
import type { BatchRequest } from './batch-request.ts';
import { deliver } from './deliver.ts';
import { DataError } from './error.ts';
import type { ImageSource } from './image.ts';
import { renderHere, type RenderedBatch } from './render-batch.ts';
import { skipTally } from './skip.ts';
import { spareArrays } from './spare-arrays.ts';
import type { StreamSource } from './stream.ts';
import type { ViewBatch, ViewBatches, ViewRenderer } from './view.ts';

/** What `viewBatches` takes. */
export interface ViewBatchesOptions<Name extends string> extends BatchOptions {
  /** A renderer per view. A view's number in its `ViewKey` is its position here. */
  readonly views: Readonly<Record<Name, ViewRenderer>>;
}

/** The batch by view names. Throws a `DataError` when none of its images could be read. */
export function viewBatch<Name extends string>(names: readonly Name[], { rendered, indices, skipped }: RenderedBatch): ViewBatch<Name> {
  if (indices.length === 0) {
    const message = `No image of a batch of ${skipped.length} can be used; repair or remove them, or use larger batches. ${skipped[0]!.reason}`;
    throw new DataError('unreadable-image', message);
  }
  return { views: byName(names, rendered), indices };
}

/**
 * Batches of views of `source`, in a new order each epoch. Images by index come in a Fisher–Yates permutation drawn from
 * (seed, epoch), and a batch is a pure function of (source, views, batch size, seed, epoch, step), so resuming needs no saved
 * state. A stream is mixed by a buffer of `shuffleBuffer` images; `epoch(n, fromStep)` goes through the images before without
 * rendering them, and the `index` of an image is its place in the stream.
 *
 * While the caller works on a batch of files, the next one is already being decoded. Each batch has arrays of its own unless `reuse` says otherwise. Memory
 * holds two batches and the buffer, however many images there are. An image that cannot be decoded is left out of its batch,
 * which is then smaller; `onSkipped` hears of it.
 *
 * @throws DataError `bad-option` on bad numbers or a batch larger than the data, `mismatch` when a renderer has another
 * number of channels than the source. Iterating throws `mismatch` when a stream has fewer images than its `length`, and
 * `unreadable-image` when more than 1 % of the images are, or with `onError: 'fail'` the first
 */
export function viewBatches<Name extends string>(source: ImageSource | StreamSource, options: ViewBatchesOptions<Name>): ViewBatches<Name> {
  const { views, batchSize, seed, reuse = false } = options;
  const names = Object.keys(views) as Name[];
  const plan = batchPlan(source, views, options);
  const renderers = names.map((name) => views[name]);
  const tally = skipTally(source, options, 'skip');

  async function* generate(requests: AsyncIterable<BatchRequest>): AsyncGenerator<ViewBatch<Name>, void, undefined> {
    const spare = spareArrays(reuse);
    const here = renderHere({ source, renderers, seed, skip: tally.skip, spare });
    for await (const batch of deliver(requests, { ...here, tally, spare })) yield viewBatch(names, batch);
  }

  const epoch = (number: number, fromStep: number = 0): AsyncIterable<ViewBatch<Name>> => generate(plan.epoch(number, fromStep));
  return { stepsPerEpoch: plan.stepsPerEpoch, batchSize, epoch };
}
