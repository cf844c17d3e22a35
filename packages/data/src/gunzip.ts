import { DataError, reasonOf } from './error.ts';

/** One more byte than this fits in no typed array of every engine that we support. */
const MAX_BYTES: number = 2 ** 31 - 1;

/** True when the bytes begin like a gzip file. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** How much of an unpacked file is enough to judge it by. */
const START = 4096;

/**
 * The bytes inside a gzip file, or the bytes themselves when they are not gzipped (a server may have unpacked them). What is
 * inside is not unpacked again.
 *
 * @param name what to call the file in errors
 * @param maxBytes where to stop, so that a small file cannot unpack to any size. A function answers it, or throws, when it has seen
 * the first 4096 bytes (or all, when there are fewer): what is no use is then not unpacked at all
 * @throws DataError `bad-format` when the file is damaged or cut short, `too-large` beyond `maxBytes`
 */
export async function gunzip(bytes: Uint8Array, name: string, maxBytes: number | ((start: Uint8Array) => number) = MAX_BYTES): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
  let judge = typeof maxBytes === 'function' ? maxBytes : null;
  let limit = typeof maxBytes === 'function' ? MAX_BYTES : maxBytes;
  const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = packed.pipeThrough(new DecompressionStream('gzip')).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      const message = `${name} is not a complete gzip file (${reasonOf(cause)}); download or copy it again.`;
      throw new DataError('bad-format', message, { cause });
    });
    if (done) break;
    length += value.length;
    chunks.push(value);
    try {
      if (judge && length >= START) {
        limit = Math.min(MAX_BYTES, judge(join(chunks, length)));
        judge = null;
      }
      if (length > limit) throw new DataError('too-large', `${name} unpacks to more than the ${limit} bytes that it may have; it is damaged or no such file.`);
    } catch (error) {
      await reader.cancel().catch(() => undefined);
      throw error;
    }
  }
  judge?.(join(chunks, length));
  return join(chunks, length);
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
