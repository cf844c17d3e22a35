import { batchPlan } from './batch-plan.ts';
import { deliver } from './deliver.ts';
import type { ImageSource } from './image.ts';
import { checkWhole } from './random.ts';
import { checkRenderer, renderHere } from './render-batch.ts';
import { skipTally, type SkipOptions } from './skip.ts';
import { spareArrays } from './spare-arrays.ts';
import type { StreamSource } from './stream.ts';
import type { RenderedImages, ViewRenderer } from './view.ts';

/** One batch of one rendering per image. */
export interface EvalBatch extends RenderedImages {
  /** The images' indices in the source. */
  readonly indices: Int32Array;
}

/**
 * Every image once, in the source's order, for evaluation; of a stream its epoch 0. The last batch may be smaller. The next batch
 * is decoded while the caller works on one.
 *
 * Here `onError` is `'fail'` unless told otherwise, because rows are compared with labels: with `'skip'`, take the labels at
 * `indices`.
 *
 * @throws DataError `bad-option` or `mismatch` as `viewBatches` does; iterating throws `unreadable-image`
 */
export function evalBatches(source: ImageSource | StreamSource, renderer: ViewRenderer, batchSize: number, options: SkipOptions = {}): AsyncIterable<EvalBatch> {
  checkWhole('batchSize', batchSize, 1);
  checkRenderer(source, renderer, 'The renderer');
  const plan = batchPlan(source, { renderer }, { batchSize, seed: 0, shuffle: false, dropLast: false });
  const tally = skipTally(source, options, 'fail');
  async function* generate(): AsyncGenerator<EvalBatch, void, undefined> {
    const spare = spareArrays(false);
    const here = renderHere({ source, renderers: [renderer], seed: 0, skip: tally.skip, spare });
    for await (const { rendered, indices } of deliver(plan.epoch(0, 0), { ...here, tally, spare })) {
      if (indices.length > 0) yield { ...rendered[0]!, indices };
    }
  }
  return generate();
}

/**
 * Every image in one array `[length, height, width, channels]`, for small sets and raw-pixel baselines. `onError` is as in
 * `evalBatches`.
 *
 * @throws DataError `too-large` when it does not fit in memory, `mismatch` as `viewBatches` does
 */
export async function renderAll(source: ImageSource | StreamSource, renderer: ViewRenderer, options: SkipOptions = {}): Promise<EvalBatch> {
  for await (const batch of evalBatches(source, renderer, source.length, options)) return batch;
  const { height, width, channels } = renderer;
  return { data: new Float32Array(0), shape: [0, height, width, channels], indices: new Int32Array(0) };
}
