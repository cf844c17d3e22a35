import { open, stat } from 'node:fs/promises';
import type { ByteFile, FilePlace } from './byte-file.ts';
import { DataError, reasonOf } from './error.ts';
import { openUrl, reopenUrl } from './http-file.ts';

/** True for what is fetched rather than opened. */
export function isUrl(place: string): boolean {
  return /^https?:\/\//i.test(place);
}

function diskFile(file: FilePlace): ByteFile {
  const { place } = file;
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    // Opened each time: a set may have more shards than a process may hold open.
    const handle = await open(place).catch((cause: unknown) => {
      throw new DataError('not-found', `${place} cannot be opened (${reasonOf(cause)}).`, { cause });
    });
    try {
      const bytes = new Uint8Array(end - start);
      for (let at = 0; at < bytes.length; ) {
        const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
        if (bytesRead === 0) throw new DataError('truncated', `${place} has become shorter since it was opened; open it again.`);
        at += bytesRead;
      }
      return bytes;
    } finally {
      await handle.close();
    }
  };
  return { ...file, read };
}

/** Opens a path or a URL for reading by ranges. */
export async function openBytes(place: string, headers: FilePlace['headers'] = null): Promise<ByteFile> {
  if (isUrl(place)) return openUrl(place, headers);
  const found = await stat(place).catch((cause: unknown) => {
    throw new DataError('not-found', `${place} cannot be opened (${reasonOf(cause)}).`, { cause });
  });
  if (!found.isFile()) throw new DataError('not-found', `${place} is no file; give a file.`);
  return diskFile({ place, size: found.size, version: null, headers: null });
}

/** Opens what was opened before, on another thread. */
export function reopenBytes(file: FilePlace): ByteFile {
  return isUrl(file.place) ? reopenUrl(file) : diskFile(file);
}
