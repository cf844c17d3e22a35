import { DataError, reasonOf } from './error.ts';

/** One more byte than this fits in no typed array of every engine that we support. */
const MAX_BYTES: number = 2 ** 31 - 1;

/** True when the bytes begin like a gzip file. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The bytes inside a gzip file, or the bytes themselves when they are not gzipped (a server may have unpacked them).
 *
 * @param name what to call the file in errors
 * @param maxBytes where to stop, so that a small file cannot unpack to any size
 * @throws DataError `bad-format` when the file is damaged or cut short, `too-large` beyond `maxBytes`
 */
export async function gunzip(bytes: Uint8Array, name: string, maxBytes: number = MAX_BYTES): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
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
    if (length > maxBytes) {
      await reader.cancel().catch(() => undefined);
      throw new DataError('too-large', `${name} unpacks to more than ${maxBytes} bytes; use a smaller file.`);
    }
    chunks.push(value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
