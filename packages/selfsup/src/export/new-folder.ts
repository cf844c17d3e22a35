import { randomUUID } from 'node:crypto';
import { rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CliError, reasonOf } from '../error.ts';
import { makeFolder } from '../make-folder.ts';

/** What a folder is to hold, by file name. */
export type Files = ReadonlyMap<string, string | Uint8Array>;

/**
 * Makes a folder that is there whole or not at all: the files are written beside it, and then given its name.
 *
 * @param path free, or an empty folder
 * @throws CliError (1) when it cannot be written
 */
export async function writeNewFolder(path: string, files: Files): Promise<void> {
  const target = resolve(path);
  const beside = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
  try {
    await makeFolder(beside);
    for (const [name, content] of files) await writeFile(join(beside, name), content);
    await rmdir(target).catch(() => undefined);
    await rename(beside, target);
  } catch (cause) {
    throw new CliError(1, `${path} cannot be written (${reasonOf(cause)}); choose another --out.`, { cause });
  } finally {
    await rm(beside, { recursive: true, force: true }).catch(() => undefined);
  }
}
