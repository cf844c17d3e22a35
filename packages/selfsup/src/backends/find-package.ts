import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CliError, reasonOf } from '../error.ts';

/** Answers where a package's main file is, or undefined when it is not installed. */
export type FindPackage = (name: string) => string | undefined;

/** Looks beside the command line, then where it was called: a global `selfsup` finds what a project has installed. */
export const findPackage: FindPackage = (name) => {
  for (const from of [import.meta.url, pathToFileURL(join(process.cwd(), 'package.json')).href]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      // Not there.
    }
  }
  return undefined;
};

/**
 * Imports an optional package.
 * @throws CliError (1) when it is missing or does not load
 */
export async function importPackage(name: string, backend: string, find: FindPackage): Promise<Readonly<Record<string, unknown>>> {
  const path = find(name);
  if (path === undefined) {
    throw new CliError(1, `The backend ${backend} needs ${name}, which is not installed: npm install ${name}, or choose another --backend.`);
  }
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (cause) {
    const reason = reasonOf(cause).split('\n')[0]!.replace(/[\s.]+$/, '');
    throw new CliError(1, `The backend ${backend} needs ${name}, which is installed but does not load (${reason}); install it again, or choose another --backend.`);
  }
}
