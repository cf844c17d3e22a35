import { DataError } from './error.ts';
import type { ImageSource } from './image.ts';
import { checkSeed, checkWhole, permutation } from './random.ts';
import { checkRenderer, renderBatch } from './render-batch.ts';
import type { RenderedImages, ViewBatch, ViewBatches, ViewRenderer } from './view.ts';

/** What `viewBatches` takes. */
export interface ViewBatchesOptions<Name extends string> {
  /** A renderer per view. A view's number in its `ViewKey` is its position here. */
  readonly views: Readonly<Record<Name, ViewRenderer>>;
  readonly batchSize: number;
  /** Any whole number. Order and views follow from it. */
  readonly seed: number;
  /** Leave out the last batch of an epoch when it would be smaller. Default true. */
  readonly dropLast?: boolean;
  /** A new order each epoch. Default true; false keeps the source's order. */
  readonly shuffle?: boolean;
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
  const { views, batchSize, seed, dropLast = true, shuffle = true } = options;
  const names = Object.keys(views) as Name[];
  const renderers = names.map((name, view) => ({ renderer: views[name], view }));
  if (names.length === 0) throw new DataError('bad-option', 'views is empty; give at least one named renderer.');
  checkWhole('batchSize', batchSize, 1);
  checkSeed(seed);
  for (const name of names) checkRenderer(source, views[name], `View "${name}"`);
  const stepsPerEpoch = dropLast ? Math.floor(source.length / batchSize) : Math.ceil(source.length / batchSize);
  if (stepsPerEpoch === 0) {
    const remedy = source.length === 0 ? 'give it images' : `use a batchSize of at most ${source.length}, or dropLast: false`;
    throw new DataError('bad-option', `${source.name} has ${source.length} image(s), fewer than one batch of ${batchSize}; ${remedy}.`);
  }

  const prepare = async (order: Int32Array, epoch: number, step: number): Promise<Prepared<Name>> => {
    const indices = order.slice(step * batchSize, (step + 1) * batchSize);
    const { rendered, waited } = await renderBatch({ source, renderers, indices, seed, epoch });
    const byName = Object.fromEntries(names.map((name, at) => [name, rendered[at]])) as Record<Name, RenderedImages>;
    return { batch: { views: byName, indices }, waited };
  };

  async function* generate(epoch: number, fromStep: number): AsyncGenerator<ViewBatch<Name>, void, undefined> {
    const order = shuffle
      ? new Int32Array(permutation(source.length, [seed, epoch]))
      : Int32Array.from({ length: source.length }, (_, index) => index);
    let ahead: Promise<Prepared<Name>> | null = null;
    for (let step = fromStep; step < stepsPerEpoch; step++) {
      const { batch, waited }: Prepared<Name> = await (ahead ?? prepare(order, epoch, step));
      // Sources in memory gain nothing from a head start: their views are rendered on this thread either way.
      ahead = waited && step + 1 < stepsPerEpoch ? prepare(order, epoch, step + 1) : null;
      // If the caller stops here, nobody awaits the batch ahead; its failure is then nobody's concern.
      ahead?.catch(() => undefined);
      yield batch;
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
