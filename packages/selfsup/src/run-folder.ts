import { appendFile, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError, reasonOf, usageError } from './error.ts';
import { makeFolder } from './make-folder.ts';

/** Where one run keeps what it makes. */
export interface RunFolder {
  readonly path: string;
  readonly writeJson: (file: string, value: unknown) => Promise<void>;
  readonly writeText: (file: string, text: string) => Promise<void>;
  /** Adds one line to `metrics.jsonl` at once, so that a run that is cut off loses nothing. */
  readonly appendMetrics: (record: Readonly<Record<string, unknown>>) => Promise<void>;
}

/**
 * Makes a new folder for a run. Everything that writes to it throws CliError (1) when it cannot.
 * @throws CliError (2) when something is there already, (1) when it cannot be written
 */
export async function createRunFolder(path: string): Promise<RunFolder> {
  await refuseTaken(path, '--name');
  const orRefuse = async (work: Promise<unknown>, remedy: string): Promise<void> => {
    await work.catch((cause: unknown) => {
      throw new CliError(1, `${path} cannot be written (${reasonOf(cause)}); ${remedy}.`, { cause });
    });
  };
  const create = async (): Promise<void> => {
    await makeFolder(path);
    await writeFile(join(path, 'metrics.jsonl'), '');
  };
  const replace = async (file: string, text: string): Promise<void> => {
    const beside = join(path, `${file}.tmp`);
    await writeFile(beside, text);
    await rename(beside, join(path, file));
  };
  const makeRoom = 'make room or give access; what was written before is still there';
  const writeText: RunFolder['writeText'] = (file, text) => orRefuse(replace(file, text), makeRoom);
  await orRefuse(create(), 'choose another --out');
  return {
    path,
    writeText,
    writeJson: (file, value) => writeText(file, `${JSON.stringify(value, null, 2)}\n`),
    appendMetrics: (record) => orRefuse(appendFile(join(path, 'metrics.jsonl'), `${JSON.stringify(record)}\n`), makeRoom),
  };
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
