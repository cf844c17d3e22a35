import { batchPlan, byName, type BatchOptions } from './batch-plan.ts';
import { DataError } from './error.ts';
import type { ImageSource } from './image.ts';
import { renderBatch, type RenderedBatch } from './render-batch.ts';
import { skipTally } from './skip.ts';
import type { ViewBatch, ViewBatches, ViewRenderer } from './view.ts';

/** What `viewBatches` takes. */
export interface ViewBatchesOptions<Name extends string> extends BatchOptions {
  /** A renderer per view. A view's number in its `ViewKey` is its position here. */
  readonly views: Readonly<Record<Name, ViewRenderer>>;
}

/** The batch by view names. Throws a `DataError` when none of its images could be read. */
export function viewBatch<Name extends string>(names: readonly Name[], { rendered, indices, skipped }: RenderedBatch): ViewBatch<Name> {
  if (indices.length === 0) {
    const message = `None of the ${skipped.length} image(s) of a batch can be used; repair or remove them, or use larger batches. ${skipped[0]!.reason}`;
    throw new DataError('unreadable-image', message);
  }
  return { views: byName(names, rendered), indices };
}

/**
 * Batches of views of `source`, in a new order each epoch: a Fisher–Yates permutation drawn from (seed, epoch). A batch
 * is a pure function of (source, views, batch size, seed, epoch, step), so resuming needs no saved state.
 *
 * While the caller works on a batch of files, the next one is already being decoded. Each batch has arrays of its own. An
 * image that cannot be decoded is left out of its batch, which is then smaller; `onSkipped` hears of it.
 *
 * @throws DataError `bad-option` on bad numbers or a batch larger than the data, `mismatch` when a renderer has another
 * number of channels than the source. Iterating throws `unreadable-image` when more than 1 % of the images are, or with
 * `onError: 'fail'` the first
 */
export function viewBatches<Name extends string>(
  source: ImageSource,
  options: ViewBatchesOptions<Name>,
): ViewBatches<Name> {
  const { views, batchSize, seed } = options;
  const names = Object.keys(views) as Name[];
  const plan = batchPlan(source, views, options);
  const renderers = names.map((name) => views[name]);

  const tally = skipTally(source, options, 'skip');
  type Prepared = Awaited<ReturnType<typeof renderBatch>>;
  const prepare = (indices: Int32Array, epoch: number): Promise<Prepared> =>
    renderBatch({ source, renderers, indices, seed, epoch, skip: tally.skip });

  async function* generate(indicesOf: (step: number) => Int32Array, epoch: number, fromStep: number): AsyncGenerator<ViewBatch<Name>, void, undefined> {
    const pass = tally.pass();
    let ahead: Promise<Prepared> | null = null;
    try {
      for (let step = fromStep; step < plan.stepsPerEpoch; step++) {
        const batch: Prepared = await (ahead ?? prepare(indicesOf(step), epoch));
        pass.add(batch.skipped);
        // Sources in memory gain nothing from a head start: their views are rendered on this thread either way.
        ahead = batch.waited && step + 1 < plan.stepsPerEpoch ? prepare(indicesOf(step + 1), epoch) : null;
        // If the caller stops here, nobody awaits the batch ahead; its failure is then nobody's concern.
        ahead?.catch(() => undefined);
        yield viewBatch(names, batch);
      }
    } finally {
      pass.end();
    }
  }

  const epoch = (number: number, fromStep: number = 0): AsyncIterable<ViewBatch<Name>> =>
    generate(plan.epoch(number, fromStep), number, fromStep);
  return { stepsPerEpoch: plan.stepsPerEpoch, batchSize, epoch };
}
