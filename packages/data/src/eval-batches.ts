import type { ImageSource } from './image.ts';
import { checkWhole } from './random.ts';
import { checkRenderer, renderBatch, type RenderedBatch } from './render-batch.ts';
import { skipTally, type SkipOptions } from './skip.ts';
import type { RenderedImages, ViewRenderer } from './view.ts';

/** One batch of one rendering per image. */
export interface EvalBatch extends RenderedImages {
  /** The images' indices in the source. */
  readonly indices: Int32Array;
}

/** `renderer` of the images from `start` to `end`, with the key (0, 0, index, 0). */
async function renderRange(source: ImageSource, renderer: ViewRenderer, start: number, end: number, skip: boolean): Promise<RenderedBatch> {
  const indices = Int32Array.from({ length: end - start }, (_, offset) => start + offset);
  return renderBatch({ source, renderers: [renderer], indices, seed: 0, epoch: 0, skip });
}

/**
 * Every image once, in the source's order, for evaluation. The last batch may be smaller.
 *
 * Here `onError` is `'fail'` unless told otherwise, because rows are compared with labels: with `'skip'`, take the labels at
 * `indices`.
 *
 * @throws DataError `bad-option` or `mismatch` as `viewBatches` does; iterating throws `unreadable-image`
 */
export function evalBatches(source: ImageSource, renderer: ViewRenderer, batchSize: number, options: SkipOptions = {}): AsyncIterable<EvalBatch> {
  checkWhole('batchSize', batchSize, 1);
  checkRenderer(source, renderer, 'The renderer');
  const tally = skipTally(source, options, 'fail');
  async function* generate(): AsyncGenerator<EvalBatch, void, undefined> {
    const pass = tally.pass();
    try {
      for (let start = 0; start < source.length; start += batchSize) {
        const end = Math.min(start + batchSize, source.length);
        const { rendered, indices, skipped } = await renderRange(source, renderer, start, end, tally.skip);
        pass.add(skipped);
        if (indices.length > 0) yield { ...rendered[0]!, indices };
      }
    } finally {
      pass.end();
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
export async function renderAll(source: ImageSource, renderer: ViewRenderer, options: SkipOptions = {}): Promise<EvalBatch> {
  checkRenderer(source, renderer, 'The renderer');
  const tally = skipTally(source, options, 'fail');
  const pass = tally.pass();
  const { rendered, indices, skipped } = await renderRange(source, renderer, 0, source.length, tally.skip);
  pass.add(skipped);
  pass.end();
  return { ...rendered[0]!, indices };
}
