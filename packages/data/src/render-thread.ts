import { parentPort, workerData } from 'node:worker_threads';
import { encodedDecoder } from './image-decoder.ts';
import { createPace } from './lanes.ts';
import { loadSharp } from './load-sharp.ts';
import { callModule } from './module-call.ts';
import { remakeRead } from './remake-source.ts';
import { renderBatch, type RenderBatchOptions } from './render-batch.ts';
import type { ViewRenderer } from './view.ts';
import { sendError, type SentJob, type WorkerAnswer, type WorkerSetup } from './worker-messages.ts';

type Ready = Pick<RenderBatchOptions, 'source' | 'renderers' | 'seed' | 'skip' | 'pace'>;

async function prepare({ source, views, names, seed, skip }: WorkerSetup): Promise<Ready> {
  const renderers = (await callModule(views)) as Readonly<Record<string, ViewRenderer>>;
  const { name, channels, size, origin, decode } = source;
  const reading = origin ? { read: await remakeRead(origin) } : {};
  const decoding = decode ? { decode: encodedDecoder(await loadSharp(), decode) } : {};
  return { source: { name, channels, size, ...reading, ...decoding }, renderers: names.map((view) => renderers[view]!), seed, skip, pace: createPace() };
}

async function answer(ready: Promise<Ready>, { id, spare, ...request }: SentJob): Promise<WorkerAnswer> {
  try {
    const { rendered, indices, skipped } = await renderBatch({ ...(await ready), request, spare });
    return { id, batch: { rendered, indices, skipped } };
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
  port.on('message', (job: SentJob) => {
    // One job after another: what is asked for first is ready first.
    last = last.then(async () => {
      const message = await answer(ready, job);
      const buffers = 'batch' in message ? message.batch.rendered.map(({ data }) => data.buffer as ArrayBuffer) : [];
      port.postMessage(message, buffers);
    });
  });
}
