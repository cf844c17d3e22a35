import { appendFile, mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CliError, usageError } from './error.ts';

/** Where one run keeps what it makes. */
export interface RunFolder {
  readonly path: string;
  readonly writeJson: (file: string, value: unknown) => Promise<void>;
  readonly writeText: (file: string, text: string) => Promise<void>;
  /** Adds one line to `metrics.jsonl` at once, so that a run that is cut off loses nothing. */
  readonly appendMetrics: (record: Readonly<Record<string, unknown>>) => Promise<void>;
}

/**
 * Makes a new folder for a run.
 * @throws CliError (2) when something is there already, (1) when it cannot be written
 */
export async function createRunFolder(path: string): Promise<RunFolder> {
  if (await holdsSomething(path)) {
    throw usageError(`${path} exists already; choose another --name, or move that folder away.`);
  }
  try {
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'metrics.jsonl'), '');
  } catch (cause) {
    throw new CliError(
      1,
      `${path} cannot be written (${cause instanceof Error ? cause.message : String(cause)}); choose another --out.`,
    );
  }
  const writeText = async (file: string, text: string): Promise<void> => {
    const beside = join(path, `${file}.tmp`);
    await writeFile(beside, text);
    await rename(beside, join(path, file));
  };
  return {
    path,
    writeText,
    writeJson: (file, value) => writeText(file, `${JSON.stringify(value, null, 2)}\n`),
    appendMetrics: (record) => appendFile(join(path, 'metrics.jsonl'), `${JSON.stringify(record)}\n`),
  };
}

/** Moves what an earlier run left at `path` aside, to the first free `path-1`, `path-2`, …; answers where, if anywhere. */
export async function moveAside(path: string): Promise<string | null> {
  if (!(await holdsSomething(path))) return null;
  for (let i = 1; ; i++) {
    const aside = `${path}-${i}`;
    if (await holdsSomething(aside)) continue;
    await rename(path, aside);
    return aside;
  }
}

async function holdsSomething(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isDirectory()) return true;
    return (await readdir(path)).length > 0;
  } catch {
    return false;
  }
}
