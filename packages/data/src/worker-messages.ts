import { DataError, reasonOf, type DataErrorCode } from './error.ts';
import type { DecodeOptions } from './decode-image.ts';
import type { Image, ImageSize } from './image.ts';
import type { ModuleCall, SourceOrigin } from './origin.ts';
import type { RenderedBatch } from './render-batch.ts';
import type { EncodedImage } from './stream.ts';

/** What a rendering thread is started with. */
export interface WorkerSetup {
  /** The URL of this package's Node entry, as JavaScript. */
  readonly entry: string;
  readonly source: {
    readonly name: string;
    readonly channels: number;
    readonly size: ImageSize | null;
    /** Null where jobs bring their images. */
    readonly origin: SourceOrigin | null;
    /** For jobs that bring encoded images. */
    readonly decode: DecodeOptions | null;
  };
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
  /** By position, where the thread cannot read them itself. */
  readonly images: readonly (Image | EncodedImage)[] | null;
}

/** An error as plain data: `structuredClone` would drop its `code`. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly code: string | null;
}

/** What a thread is sent: a job, and memory of an earlier batch to render it into. */
export interface SentJob extends WorkerJob {
  readonly spare: readonly ArrayBuffer[];
}

/** A copy of the job whose images can be moved to another thread: the job itself must stay, to be sent again if that dies. */
export function sendJob(job: WorkerJob, spare: readonly ArrayBuffer[]): { readonly message: SentJob; readonly moved: readonly ArrayBuffer[] } {
  if (!job.images) return { message: { ...job, spare }, moved: spare };
  const images = job.images.map((image) =>
    'encoded' in image ? { ...image, encoded: image.encoded.slice() } : { ...image, data: image.data.slice() });
  const pixels = images.map((image) => ('encoded' in image ? image.encoded : image.data).buffer);
  return { message: { ...job, images, spare }, moved: [...pixels, ...spare] };
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
