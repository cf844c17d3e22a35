import type * as napi from '@napi-rs/image';
import { DataError, reasonOf } from './error.ts';

/** Decodes a JPEG on another thread into RGB. */
export type FastJpeg = (bytes: Uint8Array) => Promise<Uint8Array>;

/** Loads the optional peer `@napi-rs/image` when it is first needed, or says how to get it. */
export async function loadFastJpeg(): Promise<FastJpeg> {
  try {
    const { Transformer }: typeof napi = await import('@napi-rs/image');
    return (bytes) => new Transformer(bytes).rawPixels();
  } catch (cause) {
    const reason = reasonOf(cause).trim().split('\n')[0];
    throw new DataError('missing-dependency', `jpeg: 'fast' needs @napi-rs/image, which did not load (${reason}); run npm install @napi-rs/image, or choose 'exact'.`, { cause });
  }
}
