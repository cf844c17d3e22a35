import { link, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfsup } from './cli.ts';

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'selfsup-damaged-'));
  await mkdir(join(cwd, 'photos'));
  const photo = sharp(Uint8Array.from({ length: 40 * 30 * 3 }, (_, at) => (at * 7) % 251), { raw: { width: 40, height: 30, channels: 3 } });
  const black = sharp({ create: { width: 10_000, height: 10_001, channels: 3, background: 'black' } });
  const jpeg = await photo.clone().jpeg().toBuffer();
  const files: Readonly<Record<string, Uint8Array>> = {
    'whole.jpg': jpeg,
    'cmyk.jpg': await photo.clone().toColourspace('cmyk').jpeg().toBuffer(),
    'turned.jpg': await photo.clone().withMetadata({ orientation: 8 }).jpeg().toBuffer(),
    'gray.jpg': await photo.clone().greyscale().toColourspace('b-w').jpeg().toBuffer(),
    'sixteen.png': await photo.clone().toColourspace('rgb16').png().toBuffer(),
    'alpha.png': await photo.clone().ensureAlpha(0.5).png().toBuffer(),
    'named.png': jpeg,
    'bad-cut.jpg': jpeg.subarray(0, jpeg.length / 2),
    'bad-empty.jpg': new Uint8Array(0),
    'bad-bomb.jpg': await black.clone().jpeg({ quality: 1 }).toBuffer(),
    'bad-bomb.png': await black.clone().png().toBuffer(),
    'bad-text.png': Buffer.from('hello'),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(cwd, 'photos', name), bytes);
  for (let at = 0; at < 588; at++) await link(join(cwd, 'photos/whole.jpg'), join(cwd, 'photos', `${at}.jpg`));
});
afterAll(() => rm(cwd, { recursive: true }));

test.each(['fast', 'exact'])('a training with the %s decoder takes what can be decoded, and names the rest at its end', async (jpeg) => {
  const { code, stdout, stderr } = await selfsup(
    ['train', 'simsiam', '--data', 'photos', '--size', '16', '--width', '2', '--batch-size', '100', '--epochs', '1', '--jpeg', jpeg, '--name', jpeg], { cwd },
  );
  expect([stderr, code]).toEqual(['', 0]);
  const [, told] = /warning 5 of the 600 images of photos were left out:\n((?: {2}.+\n)+)/.exec(stdout)!;
  expect([...told!.matchAll(/photos\/(\S+) could not be decoded \(.+\); replace or remove it\.\n/g)].map(([, name]) => name)).toEqual(
    ['bad-bomb.jpg', 'bad-bomb.png', 'bad-cut.jpg', 'bad-empty.jpg', 'bad-text.png'],
  );
});

test('a damaged image is not taken for the reason why sizes differ, unless all are damaged', async () => {
  for (const [folder, whole] of [['first', true], ['all', false]] as const) {
    await mkdir(join(cwd, folder));
    for (let at = 0; at < 20; at++) {
      const png = await sharp({ create: { width: 8 + at, height: 8, channels: 3, background: 'red' } }).png().toBuffer();
      await writeFile(join(cwd, folder, `${10 + at}.png`), whole && at > 0 ? png : png.subarray(0, 60));
    }
  }
  const train = async (folder: string): Promise<string> => (await selfsup(['train', 'simsiam', '--data', folder, '--batch-size', '4', '--name', folder], { cwd })).stderr;
  expect(await train('first')).toMatch(/^error The images of first are not all square and of one size; give --size/);
  expect(await train('all')).toMatch(/^error \S+10\.png could not be decoded/);
});
