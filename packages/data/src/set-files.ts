import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError, reasonOf } from './error.ts';
import { insideTarget } from './list-images.ts';
import { isUrl } from './open-bytes.ts';
import { kindOf, readBytes } from './read-file.ts';

/** A part of a set. */
export type Split = 'train' | 'test';

/** The files of one set. */
export interface SetFiles {
  /** For logs and errors. */
  readonly name: string;
  /** Paths or URLs, in order. */
  readonly places: readonly string[];
  /** Names of the classes by label where a file beside them says so. */
  readonly classes: readonly string[] | null;
}

/** More files than any set has. */
const MAX_FILES = 100_000;

/** `shard-{000..012}.tar` as thirteen names, as shells and WebDataset expand it. */
function expandBraces(pattern: string): readonly string[] {
  const match = /^(.*?)\{(\d+)\.\.(\d+)\}(.*)$/s.exec(pattern);
  if (!match) return [pattern];
  const [, before = '', first = '', last = '', after = ''] = match;
  const count = Number(last) - Number(first) + 1;
  if (!(count >= 1 && count <= MAX_FILES)) {
    throw new DataError('bad-option', `{${first}..${last}} in ${pattern} stands for ${count} files; count upwards, to at most ${MAX_FILES}.`);
  }
  const rest = expandBraces(after);
  return Array.from({ length: count }, (_, at) => String(Number(first) + at).padStart(first.length, '0')).flatMap((number) =>
    rest.map((end) => before + number + end),
  );
}

/** The files of a folder whose names end so, sorted; hidden ones and links out of it are left out. Empty when there is none. */
async function filesEnding(folder: string, ending: string): Promise<readonly string[]> {
  if ((await kindOf(folder)) !== 'folder') return [];
  const root = await realpath(folder);
  const entries = await readdir(root, { withFileTypes: true }).catch((cause: unknown) => {
    throw new DataError('not-found', `${folder} cannot be listed (${reasonOf(cause)}).`, { cause });
  });
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.') || !entry.name.toLowerCase().endsWith(ending)) continue;
    const isLinkInside = entry.isSymbolicLink() && (await insideTarget(join(root, entry.name), root)) !== null;
    if (entry.isFile() || isLinkInside) found.push(entry.name);
  }
  return found.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => join(folder, name));
}

const NAMES: readonly (readonly [Split, readonly string[]])[] = [
  ['train', ['train', 'training']],
  ['test', ['test']],
  ['test', ['val', 'valid', 'validation']],
];

/** True when `file` has one of the words in its name: `cifar10-train-000001.tar` has `train`. */
function isNamed(file: string, words: readonly string[]): boolean {
  return basename(file).toLowerCase().split(/[^a-z]+/).some((word) => words.includes(word));
}

/**
 * The files of each split: by the words train, test and val in their names, or in subfolders of such names, or (with Hugging
 * Face) in a subfolder `data`. Files without such a word are the train split when none is named so. Null when there are none.
 */
export async function filesBySplit(folder: string, ending: string): Promise<Readonly<Record<Split, readonly string[]>> | null> {
  for (const place of [folder, join(folder, 'data')]) {
    const files = await filesEnding(place, ending);
    if (files.length === 0) continue;
    const named = NAMES.map(([split, words]) => ({ split, files: files.filter((file) => isNamed(file, words)) }));
    const of = (split: Split): readonly string[] => named.find((group) => group.split === split && group.files.length > 0)?.files ?? [];
    return of('train').length > 0 ? { train: of('train'), test: of('test') } : { train: files, test: [] };
  }
  const folders: Record<Split, readonly string[]> = { train: [], test: [] };
  for (const [split, words] of NAMES) {
    for (const word of words) if (folders[split].length === 0) folders[split] = await filesEnding(join(folder, word), ending);
  }
  return folders.train.length > 0 ? folders : null;
}

/** Names of the classes from `classnames.txt` (a line each) or `meta.json` (`classes`) beside the files or one folder up. */
async function namesBeside(place: string): Promise<readonly string[] | null> {
  for (const folder of [dirname(place), dirname(dirname(resolve(place)))]) {
    const lines = join(folder, 'classnames.txt');
    if ((await kindOf(lines)) === 'file') {
      return new TextDecoder().decode(await readBytes(lines)).split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '');
    }
    const meta = join(folder, 'meta.json');
    if ((await kindOf(meta)) !== 'file') continue;
    try {
      const { classes } = JSON.parse(new TextDecoder().decode(await readBytes(meta))) as { readonly classes?: unknown };
      if (Array.isArray(classes) && classes.every((name) => typeof name === 'string')) return classes;
    } catch {
      // Some other meta.json: it is nobody's mistake that it has no classes.
    }
  }
  return null;
}

/**
 * What `given` names: files, URLs, patterns like `train-{000..012}.tar`, or a folder.
 *
 * @param split which part of a folder that has both
 * @throws DataError `not-found` or `bad-option`, saying what is there
 */
export async function findSet(given: string | readonly string[], ending: string, split?: Split): Promise<SetFiles> {
  const specs = typeof given === 'string' ? [given] : given;
  const places: string[] = [];
  let name: string | null = null;
  for (const spec of specs) {
    const kind = isUrl(spec) ? 'file' : await kindOf(spec);
    if (kind === 'file') places.push(...(isUrl(spec) ? expandBraces(spec) : [spec]));
    else if (kind === 'nothing') {
      const expanded = expandBraces(spec);
      for (const path of expanded) if ((await kindOf(path)) !== 'file') throw new DataError('not-found', `There is no file ${path}.`);
      places.push(...expanded);
    } else {
      const splits = await filesBySplit(spec, ending);
      if (!splits) throw new DataError('not-found', `${spec} has no ${ending} files; give the folder that has, or the files.`);
      if (split === undefined && splits.test.length > 0) {
        throw new DataError('bad-option', `${spec} has a train and a test split; choose one with { split: 'train' } or { split: 'test' }.`);
      }
      if (splits[split ?? 'train'].length === 0) throw new DataError('not-found', `${spec} has no ${split} split, only train.`);
      places.push(...splits[split ?? 'train']);
      name ??= basename(resolve(spec)) + (splits.test.length > 0 ? `/${split}` : '');
    }
  }
  const [first] = places;
  if (first === undefined) throw new DataError('bad-option', `No ${ending} files were given; give at least one.`);
  name ??= basename(first).replace(new RegExp(`\\${ending}$`, 'i'), '') + (places.length > 1 ? ` and ${places.length - 1} more` : '');
  return { name, places, classes: isUrl(first) ? null : await namesBeside(first) };
}
