import { existsSync } from 'node:fs';
import { batchPlan, type BatchOptions } from './batch-plan.ts';
import { DataError } from './error.ts';
import type { ImageSource } from './image.ts';
import { callModule } from './module-call.ts';
import type { ModuleCall } from './origin.ts';
import { checkWhole } from './random.ts';
import { sharedOrigin } from './remake-source.ts';
import type { RenderedBatch } from './render-batch.ts';
import { skipTally } from './skip.ts';
import { viewBatch } from './view-batches.ts';
import type { ViewBatch, ViewBatches, ViewRenderer } from './view.ts';
import { workerPool, type WorkerPool } from './worker-pool.ts';

/** What `workerViewBatches` takes. */
export interface WorkerViewBatchesOptions extends BatchOptions {
  /** A call that answers the renderers by view name. Each thread makes it for itself, because functions cannot be sent. */
  readonly views: ModuleCall;
  /** Rendering threads. Default 1. */
  readonly workers?: number | undefined;
  /** Batches rendered ahead of the one in use: what is held in memory. Default 2. */
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
 * in memory are shared with the threads, files are decoded by them.
 *
 * @param source one of this package's sources or a subset of one. For a source of your own, let `read` have an `origin` of
 * kind `module`
 * @throws DataError as `viewBatches`, and `bad-option` for a source that threads cannot read or a call that does not work
 */
export async function workerViewBatches<Name extends string = string>(
  source: ImageSource,
  options: WorkerViewBatchesOptions,
): Promise<WorkerViewBatches<Name>> {
  const { views, batchSize, seed, workers = 1, prefetch = 2 } = options;
  checkWhole('workers', workers, 1);
  checkWhole('prefetch', prefetch, 1);
  const { name, channels, size } = source;
  const { origin } = source.read;
  if (!origin) {
    const message = `${name} has a read() without an origin, so threads cannot read it; use viewBatches, or give it an origin of kind "module".`;
    throw new DataError('bad-option', message);
  }
  const renderers = (await callModule(views)) as Readonly<Record<Name, ViewRenderer>>;
  const names = Object.keys(renderers) as Name[];
  const plan = batchPlan(source, renderers, options);
  const tally = skipTally(source, options, 'skip');
  const setup = { entry: builtEntry(), source: { name, channels, size, origin: sharedOrigin(origin) }, views, names, seed, skip: tally.skip };
  const pool: WorkerPool = workerPool(setup, workers);

  async function* generate(indicesOf: (step: number) => Int32Array, epoch: number, fromStep: number): AsyncGenerator<ViewBatch<Name>, void, undefined> {
    const pass = tally.pass();
    const ahead: Promise<RenderedBatch>[] = [];
    let asked = fromStep;
    try {
      for (let step = fromStep; step < plan.stepsPerEpoch; step++) {
        for (; asked <= Math.min(step + prefetch, plan.stepsPerEpoch - 1); asked++) {
          const batch = pool.render(indicesOf(asked), epoch);
          // Awaited in its turn, or by nobody when the caller stops before.
          batch.catch(() => undefined);
          ahead.push(batch);
        }
        const batch = await ahead.shift()!;
        pass.add(batch.skipped);
        yield viewBatch(names, batch);
      }
    } finally {
      pass.end();
    }
  }

  const epoch = (number: number, fromStep: number = 0): AsyncIterable<ViewBatch<Name>> =>
    generate(plan.epoch(number, fromStep), number, fromStep);
  return { stepsPerEpoch: plan.stepsPerEpoch, batchSize, epoch, close: pool.close };
}
