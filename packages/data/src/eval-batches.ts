import type { ImageSource } from './image.ts';
import { checkWhole } from './random.ts';
import { checkRenderer, renderBatch } from './render-batch.ts';
import type { RenderedImages, ViewRenderer } from './view.ts';

/** One batch of one rendering per image. */
export interface EvalBatch extends RenderedImages {
  /** The images' indices in the source. */
  readonly indices: Int32Array;
}

/** `renderer` of the images from `start` to `end`, with the key (0, 0, index, 0). */
async function renderRange(source: ImageSource, renderer: ViewRenderer, start: number, end: number): Promise<EvalBatch> {
  const indices = Int32Array.from({ length: end - start }, (_, offset) => start + offset);
  const { rendered } = await renderBatch({ source, renderers: [renderer], indices, seed: 0, epoch: 0 });
  return { ...rendered[0]!, indices };
}

/**
 * Every image once, in the source's order, for evaluation. The last batch may be smaller, none is left out.
 *
 * @throws DataError `bad-option` or `mismatch` as `viewBatches` does
 */
export function evalBatches(source: ImageSource, renderer: ViewRenderer, batchSize: number): AsyncIterable<EvalBatch> {
  checkWhole('batchSize', batchSize, 1);
  checkRenderer(source, renderer, 'The renderer');
  async function* generate(): AsyncGenerator<EvalBatch, void, undefined> {
    for (let start = 0; start < source.length; start += batchSize) {
      yield await renderRange(source, renderer, start, Math.min(start + batchSize, source.length));
    }
  }
  return generate();
}

/**
 * Every image in one array `[length, height, width, channels]`, for small sets and raw-pixel baselines.
 *
 * @throws DataError `too-large` when it does not fit in memory, `mismatch` as `viewBatches` does
 */
export async function renderAll(source: ImageSource, renderer: ViewRenderer): Promise<EvalBatch> {
  checkRenderer(source, renderer, 'The renderer');
  return renderRange(source, renderer, 0, source.length);
}
