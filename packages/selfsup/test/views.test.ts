import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { byolCifar, dinoGrayscale, simsiamCifar } from '@selfsup/augment';
import type { Image, ViewKey, ViewParameters, ViewPipeline } from '@selfsup/augment';
import { fashionMnistSample } from '@selfsup/data/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfsup, writeImages } from './cli.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'selfsup-views-'));
  await writeImages(join(cwd, 'photos'), ['a.png', 'b.png', 'c.png'], 40);
});
afterAll(() => rm(cwd, { recursive: true }));

interface Shown {
  readonly view: string;
  readonly key: ViewKey;
  readonly params: ViewParameters;
}

async function decode(bytes: Buffer): Promise<Image> {
  const { data, info } = await sharp(bytes).toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, height: info.height, width: info.width, channels: info.channels };
}

/** The views on a sheet in HTML: their pixels and the JSON under them. */
async function viewsIn(html: string): Promise<readonly { readonly pixels: Image; readonly shown: Shown }[]> {
  const text = await readFile(join(cwd, html), 'utf8');
  const figures = text.split('<figure data-view').slice(1);
  return Promise.all(
    figures.map(async (figure) => {
      const pixels = await decode(Buffer.from(/src="data:image\/png;base64,([^"]+)"/.exec(figure)![1]!, 'base64'));
      const json = /<pre>(.*?)<\/pre>/s.exec(figure)![1]!.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
      return { pixels, shown: JSON.parse(json) as Shown };
    }),
  );
}

const run = (...args: string[]): ReturnType<typeof selfsup> => selfsup(['views', ...args], { cwd });

describe('selfsup views', () => {
  test('the parameters on the sheet, and those of --json, replay to the pixels on the sheet', async () => {
    const { code, stdout, stderr } = await run('photos', '--method', 'byol', '--index', '2,0', '--seed', '7', '--epoch', '3', '--json', '--out', 'new/sheet');
    expect([code, stderr]).toEqual([0, '']);
    const records = stdout.trim().split('\n').map((line) => JSON.parse(line) as Shown & { type: string });
    const views: Readonly<Record<string, ViewPipeline>> = { ...byolCifar({ size: 40 }) };
    const onSheet = await viewsIn('new/sheet.html');
    expect(onSheet.map(({ shown }) => ({ type: 'view', ...shown }))).toEqual(records.slice(0, -1));
    expect(records.at(-1)).toEqual({ type: 'sheet', png: 'new/sheet.png', html: 'new/sheet.html' });
    expect(onSheet.map(({ shown: { view, key } }) => [view, key.index, key.epoch, key.view, key.seed])).toEqual(
      [2, 0].flatMap((index) => [['a', index, 3, 0, 7], ['b', index, 3, 1, 7], ['a', index, 4, 0, 7], ['b', index, 4, 1, 7]]),
    );
    const png = await decode(await readFile(join(cwd, 'new/sheet.png')));
    for (const { pixels, shown: { view, key, params } } of onSheet) {
      const source = await decode(await readFile(join(cwd, 'photos', ['a.png', 'b.png', 'c.png'][key.index]!)));
      expect([...pixels.data]).toEqual([...views[view]!.apply(source, params).data]);
      // The same view as a training with this seed gets.
      expect(views[view]!.replay(source, params)).toEqual(views[view]!.render(source, key));
      expect(contains(png, pixels, 5)).toBe(true);
    }
  });

  test('every view of multi-crop is labelled; grayscale for images of one channel', async () => {
    expect(await run('--method', 'swav', '--count', '2', '--out', 'swav')).toMatchObject({ code: 0 });
    const html = await readFile(join(cwd, 'swav.html'), 'utf8');
    for (const name of ['global1', 'global2', 'local1', 'local6']) expect(html).toContain(`${name} · epoch 0`);
    expect(html).toContain('<b>local1 … local6</b>: 16×16 px · crop 8–50 % of the area (bicubic)');
    expect(html).toContain('Views of swav (grayscale)');
    expect(await run('--method', 'dino', '--count', '1', '--draws', '1', '--out', 'dino')).toMatchObject({ code: 0 });
    const [first] = await viewsIn('dino.html');
    const source = (await fashionMnistSample()).train.read(0) as Image;
    const { data } = dinoGrayscale().global1.apply(source, first!.shown.params);
    expect([...first!.pixels.data].filter((_, at) => at % 3 === 0)).toEqual([...data]);
  });

  test('the views of a config file', async () => {
    await writeFile(join(cwd, 'mine.json'), JSON.stringify({ recipe: 'simsiam', data: 'photos', size: 24, seed: 5 }));
    expect(await run('--config', 'mine.json', '--count', '1', '--out', 'mine')).toMatchObject({ code: 0 });
    const source = await decode(await readFile(join(cwd, 'photos/a.png')));
    const { a, b } = simsiamCifar({ size: 24 });
    for (const { pixels, shown: { key, view } } of await viewsIn('mine.html')) {
      expect(key.seed).toBe(5);
      const pipeline = view === 'a' ? a : b;
      expect([...pixels.data]).toEqual([...pipeline.apply(source, pipeline.sample(source, key)).data]);
    }
  });

  test('an image; a sheet is replaced, and nothing else', async () => {
    expect((await run(join('photos', 'b.png'), '--out', 'one')).stdout).toBe('one.png, one.html: Views of simsiam (cifar), 1 image, 4 views.\n');
    expect(await run(join('photos', 'b.png'), '--out', 'one')).toMatchObject({ code: 0 });
    const before = await readFile(join(cwd, 'photos/b.png'));
    const { code, stderr } = await run(join('photos', 'b.png'), '--out', 'photos/b');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/photos\/b\.png exists already and is no sheet of views; choose another --out/)]);
    expect(Buffer.compare(before, await readFile(join(cwd, 'photos/b.png')))).toBe(0);
    await mkdir(join(cwd, 'page'));
    await writeFile(join(cwd, 'page/index.html'), '<p>mine');
    expect(await run('--out', 'page/index')).toMatchObject({ code: 2 });
    expect(await readFile(join(cwd, 'page/index.html'), 'utf8')).toBe('<p>mine');
  });

  test.each([
    [['--method', 'bert'], /no views of a method "bert"; choose one of byol, simsiam/],
    [['--preset', 'mnist'], /preset "mnist" is not known; choose one of imagenet, cifar, grayscale/],
    [['--preset', 'cifar'], /have 1 channel, but the preset cifar is for 3; choose --preset grayscale/],
    [['photos', '--index', '3'], /photos has the images 0 to 2, but --index has 3/],
    [['photos', '--index', 'x'], /index is "x", but it must be a whole number/],
    [['--config', 'mine.json', '--method', 'byol'], /--config brings views of its own/],
  ] as const)('%s', async (args, message) => {
    const { code, stderr } = await run(...args, '--out', 'refused');
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

/** True when `picture` holds `part` enlarged by `scale` somewhere. */
function contains(picture: Image, part: Image, scale: number): boolean {
  const at = ({ data, width }: Image, x: number, y: number, c: number): number => data[(y * width + x) * 3 + c]!;
  const side = part.height * scale;
  for (let y = 0; y + side <= picture.height; y++) {
    search: for (let x = 0; x + side <= picture.width; x++) {
      for (let row = 0; row < side; row++) {
        for (let column = 0; column < side; column++) {
          for (let c = 0; c < 3; c++) {
            if (at(picture, x + column, y + row, c) !== at(part, Math.floor(column / scale), Math.floor(row / scale), c)) continue search;
          }
        }
      }
      return true;
    }
  }
  return false;
}
