import { rmSync } from 'node:fs';
import { appendFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError, reasonOf, usageError } from './error.ts';
import { makeFolder } from './make-folder.ts';

/** Where one run keeps what it makes. What writes to it throws CliError (1) when it cannot. */
export interface RunFolder {
  readonly path: string;
  readonly writeJson: (file: string, value: unknown) => Promise<void>;
  /** Leaves the old file or the new one, never half of one. */
  readonly write: (file: string, content: string | Uint8Array) => Promise<void>;
  /** Adds one line to `metrics.jsonl` at once, so that a run that is cut off loses nothing. */
  readonly appendMetrics: (record: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly remove: (file: string) => Promise<void>;
}

/**
 * Makes a new folder for a run.
 * @throws CliError (2) when something is there already, (1) when it cannot be written
 */
export async function createRunFolder(path: string): Promise<RunFolder> {
  await refuseTaken(path, '--name');
  const create = async (): Promise<void> => {
    await makeFolder(path);
    await writeFile(join(path, 'metrics.jsonl'), '');
  };
  await orRefuse(path, create(), 'choose another --out');
  return openRunFolder(path);
}

/** The folder of a run that is there. */
export function openRunFolder(path: string): RunFolder {
  const replace = async (file: string, content: string | Uint8Array): Promise<void> => {
    const beside = join(path, `${file}.tmp`);
    const clear = (): void => rmSync(beside, { force: true });
    // A second Ctrl-C ends the process in the middle of this.
    process.once('exit', clear);
    try {
      await writeFile(beside, content);
      await rename(beside, join(path, file));
    } catch (cause) {
      clear();
      throw cause;
    } finally {
      process.off('exit', clear);
    }
  };
  const makeRoom = 'make room or give access; what was written before is still there';
  const write: RunFolder['write'] = (file, content) => orRefuse(path, replace(file, content), makeRoom);
  return {
    path,
    write,
    writeJson: (file, value) => write(file, `${JSON.stringify(value, null, 2)}\n`),
    appendMetrics: (record) => orRefuse(path, appendFile(join(path, 'metrics.jsonl'), `${JSON.stringify(record)}\n`), makeRoom),
    remove: (file) => orRefuse(path, rm(join(path, file), { force: true }), 'give access'),
  };
}

async function orRefuse(path: string, work: Promise<unknown>, remedy: string): Promise<void> {
  await work.catch((cause: unknown) => {
    throw new CliError(1, `${path} cannot be written (${reasonOf(cause)}); ${remedy}.`, { cause });
  });
}

/** Moves what an earlier run left at `path` aside, to the first free `path-1`, `path-2`, …; answers where, if anywhere. */
export async function moveAside(path: string): Promise<string | null> {
  if (!(await holdsSomething(path))) return null;
  for (let i = 1; ; i++) {
    const aside = `${path}-${i}`;
    if (await holdsSomething(aside)) continue;
    await rename(path, aside).catch((cause: unknown) => {
      throw new CliError(1, `${path} holds an earlier run and cannot be moved aside (${reasonOf(cause)}); choose another --out.`, { cause });
    });
    return aside;
  }
}

/**
 * @param option what chooses the folder
 * @throws CliError (2) when something is there already
 */
export async function refuseTaken(path: string, option: string): Promise<void> {
  if (await holdsSomething(path)) throw usageError(`${path} exists already; choose another ${option}, or move that folder away.`);
}

async function holdsSomething(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isDirectory()) return true;
    return (await readdir(path)).length > 0;
  } catch {
    return false;
  }
}
