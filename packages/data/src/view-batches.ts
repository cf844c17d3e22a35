import { batchPlan, byName, type BatchOptions } from './batch-plan.ts';
import type { ImageSource } from './image.ts';
import { renderBatch } from './render-batch.ts';
import type { ViewBatch, ViewBatches, ViewRenderer } from './view.ts';

/** What `viewBatches` takes. */
export interface ViewBatchesOptions<Name extends string> extends BatchOptions {
  /** A renderer per view. A view's number in its `ViewKey` is its position here. */
  readonly views: Readonly<Record<Name, ViewRenderer>>;
}

/** One batch in the making, and whether its source had to be waited for. */
interface Prepared<Name extends string> {
  readonly batch: ViewBatch<Name>;
  readonly waited: boolean;
}

/**
 * Batches of views of `source`, in a new order each epoch: a Fisher–Yates permutation drawn from (seed, epoch). A batch
 * is a pure function of (source, views, batch size, seed, epoch, step), so resuming needs no saved state.
 *
 * While the caller works on a batch of files, the next one is already being decoded. Each batch has arrays of its own.
 *
 * @throws DataError `bad-option` on bad numbers or a batch larger than the data, `mismatch` when a renderer has another
 * number of channels than the source
 */
export function viewBatches<Name extends string>(
  source: ImageSource,
  options: ViewBatchesOptions<Name>,
): ViewBatches<Name> {
  const { views, batchSize, seed } = options;
  const names = Object.keys(views) as Name[];
  const plan = batchPlan(source, views, options);
  const renderers = names.map((name) => views[name]);

  const prepare = async (indices: Int32Array, epoch: number): Promise<Prepared<Name>> => {
    const { rendered, waited } = await renderBatch({ source, renderers, indices, seed, epoch });
    return { batch: { views: byName(names, rendered), indices }, waited };
  };

  async function* generate(indicesOf: (step: number) => Int32Array, epoch: number, fromStep: number): AsyncGenerator<ViewBatch<Name>, void, undefined> {
    let ahead: Promise<Prepared<Name>> | null = null;
    for (let step = fromStep; step < plan.stepsPerEpoch; step++) {
      const { batch, waited }: Prepared<Name> = await (ahead ?? prepare(indicesOf(step), epoch));
      // Sources in memory gain nothing from a head start: their views are rendered on this thread either way.
      ahead = waited && step + 1 < plan.stepsPerEpoch ? prepare(indicesOf(step + 1), epoch) : null;
      // If the caller stops here, nobody awaits the batch ahead; its failure is then nobody's concern.
      ahead?.catch(() => undefined);
      yield batch;
    }
  }

  const epoch = (number: number, fromStep: number = 0): AsyncIterable<ViewBatch<Name>> =>
    generate(plan.epoch(number, fromStep), number, fromStep);
  return { stepsPerEpoch: plan.stepsPerEpoch, batchSize, epoch };
}
