import { DataError, reasonOf, type DataErrorCode } from './error.ts';
import type { ImageSize } from './image.ts';
import type { ModuleCall, SourceOrigin } from './origin.ts';
import type { RenderedBatch } from './render-batch.ts';

/** What a rendering thread is started with. */
export interface WorkerSetup {
  /** The URL of this package's Node entry, as JavaScript. */
  readonly entry: string;
  readonly source: { readonly name: string; readonly channels: number; readonly size: ImageSize | null; readonly origin: SourceOrigin };
  readonly views: ModuleCall;
  /** The order of the views, fixed by the thread that asks. */
  readonly names: readonly string[];
  readonly seed: number;
  readonly skip: boolean;
}

/** One batch to render. */
export interface WorkerJob {
  readonly id: number;
  readonly indices: Int32Array;
  readonly epoch: number;
}

/** An error as plain data: `structuredClone` would drop its `code`. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly code: string | null;
}

/** What becomes of a job. */
export type WorkerAnswer =
  | { readonly id: number; readonly batch: RenderedBatch }
  | { readonly id: number; readonly error: SentError };

/** The error as plain data. */
export function sendError(thrown: unknown): SentError {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : null;
  return { name: thrown instanceof Error ? thrown.name : 'Error', message: reasonOf(thrown), code };
}

/** The error again, with its name and code. */
export function receiveError({ name, message, code }: SentError): Error {
  if (name === 'DataError') return new DataError(code as DataErrorCode, message);
  return Object.assign(new Error(message), { name }, code === null ? {} : { code });
}
