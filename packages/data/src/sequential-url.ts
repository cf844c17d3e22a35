import type { ByteFile, FilePlace } from './byte-file.ts';
import { DataError, reasonOf } from './error.ts';

/** A server that says nothing for longer is given up, so that nothing hangs. */
const SILENCE_MS = 60_000;

/** How often a connection that breaks is taken up again where it broke. */
const MOST_RESUMED = 3;

/** A file that is read from its beginning to its end, but for what the last read had. */
export interface SequentialFile extends ByteFile {
  /** Ends the request, if it is still under way. */
  readonly close: () => void;
}

/** One answer: what it says of the file, and its bytes as they come. */
interface Answer {
  readonly size: number;
  readonly version: string | null;
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
}

/** Whatever `work` answers in time. */
async function inTime<T>(work: Promise<T>, url: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${url} said nothing for ${SILENCE_MS / 1000} s`)), SILENCE_MS);
  });
  return Promise.race([work, silence]).finally(() => clearTimeout(timer));
}

async function ask(url: string, headers: FilePlace['headers'], from: number, signal: AbortSignal): Promise<Answer> {
  const range: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
  const response = await inTime(fetch(url, { headers: { ...headers, ...range, 'accept-encoding': 'identity' }, signal }), url);
  const fits = response.status === (from > 0 ? 206 : 200);
  const length = response.headers.get('content-length');
  if (!fits || length === null || !response.body) {
    await response.body?.cancel();
    if (fits) throw new DataError('bad-format', `${url} comes without its length; download the file and give its path.`);
    throw new DataError('not-found', `${url} answered status ${response.status}${from > 0 ? ' when it was asked for the rest' : ''}; check the address, and what headers it needs.`);
  }
  const version = response.headers.get('etag') ?? response.headers.get('last-modified');
  return { size: from + Number(length), version, reader: response.body.getReader() };
}

/**
 * Opens a URL to be read in one request from front to back. A connection that breaks is taken up again with a range request.
 *
 * @throws DataError `not-found`, `bad-format`; reading throws `not-found` when the connection does not come back, `mismatch` when the file
 * is another one by then, and `out-of-range` for bytes before the last read's
 */
export async function openSequentialUrl(url: string, headers: FilePlace['headers']): Promise<SequentialFile> {
  const controller = new AbortController();
  const failed = (cause: unknown): DataError =>
    cause instanceof DataError ? cause : new DataError('not-found', `${url} could not be read (${reasonOf(cause)}); check the address and the connection.`, { cause });
  const first = await ask(url, headers, 0, controller.signal).catch((cause: unknown) => {
    throw failed(cause);
  });
  const { size, version } = first;
  let { reader } = first;
  let resumed = 0;
  /** Bytes that came and were not read yet, and where they begin. */
  let rest: Uint8Array = new Uint8Array(0);
  let position = 0;
  let last = { from: 0, bytes: new Uint8Array(0) };

  const receive = async (): Promise<Uint8Array> => {
    for (;;) {
      try {
        const { done, value } = await inTime(reader.read(), url);
        if (!done) return value;
        throw new Error(`the answer ended after ${position} of ${size} bytes`);
      } catch (cause) {
        if (resumed++ >= MOST_RESUMED) throw failed(cause);
        const again = await ask(url, headers, position, controller.signal).catch((error: unknown) => {
          throw failed(error);
        });
        if (again.size !== size || again.version !== version) throw new DataError('mismatch', `${url} has changed while it was read; open it again.`);
        reader = again.reader;
      }
    }
  };
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    if (start < last.from) throw new DataError('out-of-range', `${url} is read from front to back, and byte ${start} was passed.`);
    const bytes = new Uint8Array(end - start);
    const held = last.bytes.subarray(start - last.from, end - last.from);
    bytes.set(held);
    for (let at = held.length; at < bytes.length; ) {
      if (rest.length === 0) rest = await receive();
      const skipped = Math.min(rest.length, start + at - position);
      const taken = rest.subarray(skipped, skipped + bytes.length - at);
      bytes.set(taken, at);
      at += taken.length;
      position += skipped + taken.length;
      rest = rest.subarray(skipped + taken.length);
    }
    last = { from: start, bytes };
    return bytes;
  };
  return { place: url, size, version, headers, read, close: () => controller.abort() };
}
