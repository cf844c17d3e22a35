import type { BatchRequest, BatchShare, EpochPart } from './batch-request.ts';
import type { ImageSource } from './image.ts';
import { permutation } from './random.ts';
import { runOrder } from './run-order.ts';

/** The images of `source` in the order of an epoch, which depends on nothing but (seed, epoch). */
export function epochOrder(source: ImageSource, seed: number, epoch: number, shuffle: boolean): Int32Array {
  if (!shuffle) return Int32Array.from({ length: source.length }, (_, index) => index);
  return new Int32Array(source.runs ? runOrder(source, [seed, epoch]) : permutation(source.length, [seed, epoch]));
}

/** The steps of an epoch of images by index. */
export async function* indexedRequests(order: Int32Array, { epoch, from, to }: EpochPart, { batchSize, rank, worldSize }: BatchShare): AsyncGenerator<BatchRequest, void, undefined> {
  const together = batchSize * worldSize;
  for (let step = from; step < to; step++) {
    const batch = order.slice(step * together, (step + 1) * together);
    yield { epoch, indices: worldSize === 1 ? batch : batch.filter((_, position) => position % worldSize === rank), images: null };
  }
}
