import { existsSync } from 'node:fs';
import { batchPlan, type BatchOptions } from './batch-plan.ts';
import type { BatchRequest } from './batch-request.ts';
import { deliver } from './deliver.ts';
import { DataError } from './error.ts';
import { fetchImages } from './fetch-images.ts';
import type { ImageSource } from './image.ts';
import { callModule } from './module-call.ts';
import type { ModuleCall } from './origin.ts';
import { checkWhole } from './random.ts';
import { sharedOrigin } from './remake-source.ts';
import type { RenderedBatch } from './render-batch.ts';
import { skipTally } from './skip.ts';
import { spareArrays } from './spare-arrays.ts';
import { isStream, type StreamSource } from './stream.ts';
import { viewBatch } from './view-batches.ts';
import type { ViewBatch, ViewBatches, ViewRenderer } from './view.ts';
import { workerPool, type WorkerPool } from './worker-pool.ts';

/** What `workerViewBatches` takes. */
export interface WorkerViewBatchesOptions extends BatchOptions {
  /** A call that answers the renderers by view name. Each thread makes it for itself, because functions cannot be sent. */
  readonly views: ModuleCall;
  /** Rendering threads. Default 1. */
  readonly workers?: number | undefined;
  /** Batches rendered ahead of the one in use: what is held in memory. Default one more than there are threads. */
  readonly prefetch?: number | undefined;
}

/** Batches that threads render ahead. */
export interface WorkerViewBatches<Name extends string = string> extends ViewBatches<Name> {
  /** Ends the threads. Idle threads do not keep the process alive, so a program may also just end. */
  readonly close: () => Promise<void>;
}

/** The Node entry for the threads. Node runs no TypeScript, so the sources use the build beside them. */
function builtEntry(): string {
  const entry = new URL(import.meta.url.endsWith('.ts') ? '../dist/node.js' : './node.js', import.meta.url);
  if (existsSync(entry)) return entry.href;
  throw new DataError('not-found', `There is no ${entry.pathname}; build @selfsup/data, or render without workers.`);
}

/**
 * What `viewBatches` gives, bit for bit, rendered ahead on worker threads while the caller works on the batch before. Pixels
 * in memory are shared with the threads, files and encoded images of a stream are decoded by them.
 *
 * Images that threads cannot read, those of a stream or of a source of your own, are read on this thread and sent. Give the
 * `read` of your own source an `origin` of kind `module`, and the threads read it themselves.
 *
 * @throws DataError as `viewBatches`, and `bad-option` for a call that does not work
 */
export async function workerViewBatches<Name extends string = string>(
  source: ImageSource | StreamSource,
  options: WorkerViewBatchesOptions,
): Promise<WorkerViewBatches<Name>> {
  const { views, batchSize, seed, workers = 1, prefetch = workers + 1, reuse = false } = options;
  checkWhole('workers', workers, 1);
  checkWhole('prefetch', prefetch, 1);
  const renderers = (await callModule(views)) as Readonly<Record<Name, ViewRenderer>>;
  const names = Object.keys(renderers) as Name[];
  const plan = batchPlan(source, renderers, options);
  const tally = skipTally(source, options, 'skip');
  const { name, channels, size } = source;
  const read = isStream(source) ? undefined : source.read;
  const origin = read?.origin ? sharedOrigin(read.origin) : null;
  const decode = isStream(source) ? (source.decode?.options ?? null) : null;
  const pool: WorkerPool = workerPool({ entry: builtEntry(), source: { name, channels, size, origin, decode }, views, names, seed, skip: tally.skip }, workers);

  const spare = spareArrays(reuse);

  const render = async (request: BatchRequest): Promise<RenderedBatch> => {
    if (origin) return pool.render({ ...request, images: null }, spare.take());
    const { indices, images, skipped } = await fetchImages(source, request, tally.skip);
    const batch = await pool.render({ epoch: request.epoch, indices, images }, spare.take());
    return { ...batch, skipped: [...skipped, ...batch.skipped] };
  };
  async function* generate(requests: AsyncIterable<BatchRequest>): AsyncGenerator<ViewBatch<Name>, void, undefined> {
    for await (const batch of deliver(requests, { render, prefetch: () => prefetch, tally, spare })) yield viewBatch(names, batch);
  }

  const epoch = (number: number, fromStep: number = 0): AsyncIterable<ViewBatch<Name>> => generate(plan.epoch(number, fromStep));
  return { stepsPerEpoch: plan.stepsPerEpoch, batchSize, epoch, close: pool.close };
}
