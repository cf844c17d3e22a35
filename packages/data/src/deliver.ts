import type { BatchRequest } from './batch-request.ts';
import type { RenderedBatch } from './render-batch.ts';
import type { SkipTally } from './skip.ts';
import type { SpareArrays } from './spare-arrays.ts';

/** How requests become batches. */
export interface DeliverOptions {
  readonly render: (request: BatchRequest) => Promise<RenderedBatch>;
  /** How many batches may be on their way beside the one in use, asked anew for each. */
  readonly prefetch: () => number;
  readonly tally: SkipTally;
  /** Gets each batch when the caller asks for the next. */
  readonly spare: SpareArrays;
}

/** The batches of an epoch in order. Those ahead are asked for while the caller works on the one that it has. */
export async function* deliver(
  requests: AsyncIterable<BatchRequest>,
  { render, prefetch, tally, spare }: DeliverOptions,
): AsyncGenerator<RenderedBatch, void, undefined> {
  const pass = tally.pass();
  const iterator = requests[Symbol.asyncIterator]();
  const ahead: Promise<RenderedBatch | null>[] = [];
  const ask = async (): Promise<RenderedBatch | null> => {
    const { done, value } = await iterator.next();
    return done ? null : render(value);
  };
  const topUp = (count: number): void => {
    while (ahead.length < count) {
      const batch = ask();
      // Awaited in its turn, or by nobody when the caller stops before.
      batch.catch(() => undefined);
      ahead.push(batch);
    }
  };
  try {
    for (;;) {
      topUp(1 + prefetch());
      const batch = await ahead.shift()!;
      if (!batch) return;
      pass.add(batch);
      topUp(prefetch());
      yield batch;
      spare.give(batch);
    }
  } finally {
    pass.end();
    // Not awaited: a stream that does not answer must not keep the caller from leaving.
    iterator.return?.().catch(() => undefined);
  }
}
