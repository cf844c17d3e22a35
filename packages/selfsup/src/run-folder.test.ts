import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openRunFolder } from './run-folder.ts';

let path: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'selfsup-run-'));
});
afterEach(() => rm(path, { recursive: true }));

test('a file that cannot be replaced is one sentence, and leaves no half of a file', async () => {
  await mkdir(join(path, 'taken/by'), { recursive: true });
  const refused = openRunFolder(path).write('taken', 'new');
  await expect(refused).rejects.toMatchObject({ exitCode: 1, message: expect.stringMatching(/cannot be written .*; make room or give access; /) });
  expect(await readdir(path)).toEqual(['taken']);
});

test('a process that ends while a file is written leaves the old one alone', async () => {
  await writeFile(join(path, 'weights'), 'old');
  const listeners = process.listeners('exit');
  const refused = expect(openRunFolder(path).write('weights', new Uint8Array(2 ** 26))).rejects.toThrow();
  const [clear] = process.listeners('exit').filter((listener) => !listeners.includes(listener));
  while (!existsSync(join(path, 'weights.tmp'))) await setImmediate();
  clear!(130);
  expect([await readdir(path), await readFile(join(path, 'weights'), 'utf8')]).toEqual([['weights'], 'old']);
  await refused;
});
