import { readFile, stat } from 'node:fs/promises';
import { DataError, reasonOf } from './error.ts';

/** True when the error says that there is nothing at the path. */
function isMissing(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** What is at `path`: following a link given by the user, as the shell does. */
export async function kindOf(path: string): Promise<'file' | 'folder' | 'nothing'> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return 'folder';
    return found.isFile() ? 'file' : 'nothing';
  } catch (cause) {
    if (isMissing(cause)) return 'nothing';
    throw new DataError('not-found', `${path} cannot be opened (${reasonOf(cause)}).`, { cause });
  }
}

/** The bytes of a file, or a `DataError`. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = isMissing(cause) ? 'not-found' : 'bad-format';
    const message = isMissing(cause) ? `There is no file ${path}.` : `${path} cannot be read (${reasonOf(cause)}).`;
    throw new DataError(code, message, { cause });
  }
}
