import { parentPort, workerData } from 'node:worker_threads';
import { callModule } from './module-call.ts';
import { remakeRead } from './remake-source.ts';
import { renderBatch, type RenderBatchOptions } from './render-batch.ts';
import type { ViewRenderer } from './view.ts';
import { sendError, type WorkerAnswer, type WorkerJob, type WorkerSetup } from './worker-messages.ts';

type Ready = Pick<RenderBatchOptions, 'source' | 'renderers' | 'seed' | 'skip'>;

async function prepare({ source, views, names, seed, skip }: WorkerSetup): Promise<Ready> {
  const renderers = (await callModule(views)) as Readonly<Record<string, ViewRenderer>>;
  const { name, channels, size, origin } = source;
  return { source: { name, channels, size, read: await remakeRead(origin) }, renderers: names.map((view) => renderers[view]!), seed, skip };
}

async function answer(ready: Promise<Ready>, { id, indices, epoch }: WorkerJob): Promise<WorkerAnswer> {
  try {
    const { rendered, indices: kept, skipped } = await renderBatch({ ...(await ready), indices, epoch });
    return { id, batch: { rendered, indices: kept, skipped } };
  } catch (error) {
    return { id, error: sendError(error) };
  }
}

/** The program of a rendering thread. `workerViewBatches` runs it in the threads that it starts; elsewhere it does nothing. */
export function renderThread(): void {
  const port = parentPort;
  if (!port) return;
  const ready = prepare(workerData as WorkerSetup);
  // Each job reports a failed start as its own failure.
  ready.catch(() => undefined);
  let last: Promise<void> = Promise.resolve();
  port.on('message', (job: WorkerJob) => {
    // One job after another: what is asked for first is ready first.
    last = last.then(async () => {
      const message = await answer(ready, job);
      const buffers = 'batch' in message ? message.batch.rendered.map(({ data }) => data.buffer as ArrayBuffer) : [];
      port.postMessage(message, buffers);
    });
  });
}
