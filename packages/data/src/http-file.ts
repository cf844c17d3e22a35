import type { ByteFile, FilePlace } from './byte-file.ts';
import { DataError, reasonOf } from './error.ts';

/** A request that takes longer is given up, so that nothing hangs. */
const TIMEOUT_MS = 60_000;

/** Waits before the second and the third try of what may be passing: lost connections, busy servers. */
const RETRY_AFTER_MS: readonly number[] = [250, 1000];

/** What a request for a range answered. */
interface Range {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly version: string | null;
}

/** A failure that may pass. */
function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** The body, which must have `length` bytes: a server that sends more is cut off. */
async function readBody(response: Response, length: number, url: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) break;
    if (at + value.length > length) {
      await reader?.cancel();
      throw new DataError('bad-format', `${url} answered a range request with more bytes than it asked for; use another server.`);
    }
    bytes.set(value, at);
    at += value.length;
  }
  // Not a DataError, so that it is tried again: the connection broke.
  if (at < length) throw new Error(`the answer ended after ${at} of ${length} bytes`);
  return bytes;
}

/** One try. Throws a `DataError` for what another try would not change, and any other error for the rest. */
async function request(url: string, headers: FilePlace['headers'], start: number, end: number): Promise<Range> {
  const sent = { ...headers, range: `bytes=${start}-${end - 1}`, 'accept-encoding': 'identity' };
  const response = await fetch(url, { headers: sent, signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (response.status !== 206) {
    await response.body?.cancel();
    if (isPassing(response.status)) throw new Error(`status ${response.status}`);
    if (response.status === 200) {
      throw new DataError('bad-format', `${url} is on a server without range requests (it answered status 200); download the file and give its path.`);
    }
    if (response.status === 416) throw new DataError('truncated', `${url} has no bytes ${start} to ${end}; it is empty or shorter than it was.`);
    throw new DataError('not-found', `${url} answered status ${response.status}; check the address, and what headers it needs.`);
  }
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
  if (Number(first) !== start || total === undefined || Number(last) !== Math.min(end, Number(total)) - 1) {
    await response.body?.cancel();
    throw new DataError('bad-format', `${url} answered another range than bytes ${start} to ${end - 1}; download the file and give its path.`);
  }
  const bytes = await readBody(response, Number(last) + 1 - start, url);
  return { bytes, size: Number(total), version: response.headers.get('etag') ?? response.headers.get('last-modified') };
}

async function tryRequest(url: string, headers: FilePlace['headers'], start: number, end: number): Promise<Range> {
  for (let tries = 0; ; tries++) {
    try {
      return await request(url, headers, start, end);
    } catch (cause) {
      if (cause instanceof DataError) throw cause;
      const wait = RETRY_AFTER_MS[tries];
      if (wait === undefined) {
        const message = `${url} could not be read (${reasonOf(cause)}), tried ${tries + 1} times; check the address and the connection.`;
        throw new DataError('not-found', message, { cause });
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** A file that was opened before. It must still be the same. */
export function reopenUrl(file: FilePlace): ByteFile {
  const { place, size, version, headers } = file;
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    if (start === end) return new Uint8Array(0);
    const range = await tryRequest(place, headers, start, end);
    if (range.size !== size || range.version !== version) {
      throw new DataError('mismatch', `${place} has changed since it was opened; open it again.`);
    }
    return range.bytes;
  };
  return { ...file, read };
}

/** Opens a URL: one request, which also shows that the server answers ranges. */
export async function openUrl(url: string, headers: FilePlace['headers']): Promise<ByteFile> {
  const { size, version } = await tryRequest(url, headers, 0, 1);
  return reopenUrl({ place: url, size, version, headers });
}
