import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { arraySource, cachePixels, DataError, streamSource, subset, viewBatches, type Image, type ImageSource, type ModuleCall, type SkipReport, type StreamedImage, type ViewBatch, type ViewRenderer } from '@selfsup/data';
import type * as Node from '@selfsup/data/node';
import { imageDecoder, imageFolder } from '@selfsup/data/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileSources } from '../test/compile-sources.ts';

const folder = new URL(`../node_modules/.worker-test-${process.pid}/`, import.meta.url);
const flag = new URL('flag', folder);

/** Renderers whose values say which image they had, and three that misbehave. */
const FIXTURE = `
import { existsSync, writeFileSync } from 'node:fs';
const keyed = {
  height: 1, width: 5, channels: 1,
  render: (image, { seed, epoch, index, view }, out) => out.set([image.data[0], seed, epoch, index, view]),
};
const after = (act) => ({ a: { ...keyed, render: (image, key, out) => { act(key); keyed.render(image, key, out); } } });
export const pair = (first, second) => ({ [first]: keyed, [second]: { ...keyed, channels: 1 } });
export const rgb = () => ({ a: { ...keyed, channels: 3 } });
export const throwing = () => after(({ index }) => { if (index === 3) throw Object.assign(new Error('no threes'), { code: 'three' }); });
export const deadly = () => after(({ index }) => { if (index === 3) process.exit(1); });
export const deadlyOnce = (flag) => after(({ index }) => { if (index === 3 && !existsSync(flag)) { writeFileSync(flag, ''); process.exit(1); } });
export const source = (length) => ({ read: async (index) => ({ data: Uint8Array.of(index * length), width: 1, height: 1, channels: 1 }) });
export const nothing = () => null;
`;

let workerViewBatches: typeof Node.workerViewBatches;
beforeAll(async () => {
  ({ workerViewBatches } = await compileSources(folder));
  await writeFile(new URL('fixture.mjs', folder), FIXTURE);
});
afterAll(() => rm(folder, { recursive: true }));

const fixture = (name: string, ...args: readonly unknown[]): ModuleCall => ({ module: new URL('fixture.mjs', folder).href, export: name, args });

const keyed: ViewRenderer = {
  height: 1,
  width: 5,
  channels: 1,
  render: (image, { seed, epoch, index, view }, out) => out.set([image.data[0]!, seed, epoch, index, view]),
};

const numbered = (length: number): ImageSource =>
  arraySource({ images: Uint8Array.from({ length }, (_, index) => index), height: 1, width: 1, channels: 1, name: 'numbered' });

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** What a program prints. */
const run = (flags: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, flags, { timeout: 20_000 }, (error, stdout) => (error ? reject(error) : resolve(stdout)));
  });

const options = { batchSize: 4, seed: 11 };

describe('workerViewBatches', () => {
  it('gives what viewBatches gives, whatever the number of threads', async () => {
    const source = subset(numbered(60), Array.from({ length: 50 }, (_, at) => 59 - at));
    const here = viewBatches(source, { ...options, views: { x: keyed, y: keyed } });
    for (const [workers, prefetch] of [[1, 1], [2, 5]] as const) {
      const there = await workerViewBatches<'x' | 'y'>(source, { ...options, views: fixture('pair', 'x', 'y'), workers, prefetch });
      expect(there.stepsPerEpoch).toBe(here.stepsPerEpoch);
      expect(await collect(there.epoch(3))).toEqual(await collect(here.epoch(3)));
      expect(await collect(there.epoch(0, 9))).toEqual(await collect(here.epoch(0, 9)));
      await there.close();
    }
  });

  it('decodes files in the threads', async () => {
    await mkdir(new URL('images/', folder));
    for (let value = 0; value < 6; value++) {
      const image = sharp({ create: { width: 3, height: 2, channels: 3, background: { r: value, g: value, b: value } } });
      await image.png().toFile(new URL(`images/${value}.png`, folder).pathname);
    }
    const source = await imageFolder(new URL('images', folder).pathname, { channels: 1, size: 'uniform' });
    const there = await workerViewBatches<'a'>(source, { ...options, batchSize: 3, views: fixture('deadlyOnce', flag.pathname) });
    const here = viewBatches(source, { ...options, batchSize: 3, views: { a: keyed } });
    await writeFile(flag, '');
    expect(await collect(there.epoch(0))).toEqual(await collect(here.epoch(0)));
    const kept = cachePixels(source);
    const cached = await workerViewBatches<'a'>(kept, { ...options, batchSize: 3, views: fixture('deadlyOnce', flag.pathname), workers: 2 });
    expect(await collect(cached.epoch(0))).toEqual(await collect(here.epoch(0)));
    // What the threads have decoded is here, and is enough for another epoch.
    for (let index = 0; index < 6; index++) expect(kept.read(index)).toMatchObject({ data: new Uint8Array(6).fill(index), height: 2, width: 3 });
    await rm(new URL('images/', folder), { recursive: true });
    expect(await collect(cached.epoch(1))).toEqual(await collect(viewBatches(kept, { ...options, batchSize: 3, views: { a: keyed } }).epoch(1)));
    await rm(flag);
    await Promise.all([there.close(), cached.close()]);
  });

  it('takes a source of the user’s own by its module', async () => {
    const read = Object.assign(() => expect.fail('read on the main thread'), { origin: { kind: 'module', call: fixture('source', 2) } as const });
    const source: ImageSource = { ...numbered(8), read };
    const there = await workerViewBatches<'a' | 'b'>(source, { ...options, views: fixture('pair', 'a', 'b') });
    const batches = await collect(there.epoch(0));
    expect(batches.flatMap(({ views }) => [0, 5, 10, 15].map((at) => views.a.data[at]))).toEqual(
      batches.flatMap(({ indices }) => [...indices].map((index) => 2 * index)),
    );
    await there.close();
  });

  it('reads for the threads what they cannot read themselves', async () => {
    const bad = 7;
    const read = async (index: number): Promise<Image> => {
      if (index === bad) throw new DataError('unreadable-image', '7.jpg is cut short');
      return numbered(200).read(index);
    };
    const own: ImageSource = { ...numbered(200), read };
    const reports: SkipReport[] = [];
    const there = await workerViewBatches<'a'>(own, { ...options, views: fixture('deadlyOnce', flag.pathname), onSkipped: (report) => reports.push(report) });
    await rm(flag, { force: true });
    expect(await collect(there.epoch(2))).toEqual(await collect(viewBatches(own, { ...options, views: { a: keyed } }).epoch(2)));
    // One thread died on the way: its images were still there to be sent again.
    expect(await readFile(flag, 'utf8')).toBe('');
    await rm(flag);
    expect(reports.map(({ skipped }) => skipped)).toEqual([[{ index: bad, reason: '7.jpg is cut short' }]]);
    await there.close();
  });

  it('renders streams, and decodes their images in the threads', async () => {
    const png = async (value: number): Promise<Uint8Array> => sharp({ create: { width: 2, height: 2, channels: 3, background: { r: value, g: value, b: value } } }).png().toBuffer();
    const encoded = await Promise.all(Array.from({ length: 40 }, (_, value) => png(value)));
    const decode = await imageDecoder({ channels: 1 });
    const open = function* (): Generator<StreamedImage> {
      for (let at = 0; at < 200; at++) {
        if (at === 31) yield { encoded: encoded[3]!.subarray(0, 60), name: 'photo 31' };
        else if (at % 2 === 0) yield { encoded: encoded[at % 40]!, name: `photo ${at}` };
        else yield () => Promise.resolve({ encoded: encoded[at % 40]!, name: `photo ${at}` });
      }
    };
    const reports: SkipReport[] = [];
    const stream = streamSource({ length: 200, channels: 1, open, decode });
    const mine = { ...options, batchSize: 16, shuffleBuffer: 50 };
    const here = viewBatches(stream, { ...mine, views: { a: keyed, b: keyed } });
    const there = await workerViewBatches<'a' | 'b'>(stream, { ...mine, views: fixture('pair', 'a', 'b'), workers: 2, onSkipped: (report) => reports.push(report) });
    const epoch = await collect(there.epoch(1));
    expect(epoch).toEqual(await collect(here.epoch(1)));
    expect(epoch.flatMap(({ views, indices }) => [...indices].map((index, at) => views.a.data[5 * at]! - (index % 40))).every((difference) => difference === 0)).toBe(true);
    expect(await collect(there.epoch(1, 7))).toEqual(epoch.slice(7));
    expect(reports[0]!.skipped).toMatchObject([{ index: 31, reason: expect.stringMatching(/^photo 31 could not be decoded/) }]);
    const pixels = streamSource({ length: 20, channels: 1, open: () => Array.from({ length: 20 }, (_, at) => numbered(20).read(at) as Image) });
    const plain = await workerViewBatches<'a' | 'b'>(pixels, { ...options, views: fixture('pair', 'a', 'b') });
    expect(await collect(plain.epoch(0))).toEqual(await collect(viewBatches(pixels, { ...options, views: { a: keyed, b: keyed } }).epoch(0)));
    const nobody = await workerViewBatches(streamSource({ length: 200, channels: 1, open }), { ...mine, views: fixture('pair', 'a', 'b') });
    await expect(collect(nobody.epoch(0))).rejects.toThrow(/gives encoded images but has no decode; give it imageDecoder/);
    await Promise.all([there, plain, nobody].map((batches) => batches.close()));
  });

  it('asks a stream for no more than what is on its way', async () => {
    let given = 0;
    const open = function* (): Generator<StreamedImage> {
      for (; given < 1000; given++) yield numbered(1).read(0) as Image;
    };
    const there = await workerViewBatches(streamSource({ length: 1000, channels: 1, open }), { ...options, views: fixture('pair', 'a', 'b'), shuffleBuffer: 10, prefetch: 3 });
    for await (const { indices } of there.epoch(0)) {
      expect(indices).toHaveLength(4);
      await new Promise((resolve) => setTimeout(resolve, 200));
      break;
    }
    // The buffer, four batches, and the portion of 256 that they are drawn in.
    expect(given).toBeLessThan(10 + 4 * 4 + 256 + 2);
    await there.close();
  });

  it('starts whatever flags Node was given, and keeps no process alive when idle', async () => {
    const program = `
      import { arraySource, workerViewBatches } from ${JSON.stringify(new URL('all.js', folder).href)};
      const source = arraySource({ images: new Uint8Array(8), height: 1, width: 1, channels: 1 });
      const batches = await workerViewBatches(source, { batchSize: 2, seed: 0, views: ${JSON.stringify(fixture('pair', 'a', 'b'))} });
      for await (const { indices } of batches.epoch(0)) { console.log(indices.length); break; }
      if (process.argv.includes('close')) {
        // Computing long enough for answers to lie there that nobody has heard yet.
        for await (const _ of batches.epoch(1)) { for (const start = Date.now(); Date.now() - start < 300; ); break; }
        await batches.close();
        console.log('closed');
      }
    `;
    await writeFile(new URL('all.js', folder), "export * from './index.js'; export * from './node.js';");
    await writeFile(new URL('program.mjs', folder), program);
    for (const flags of [['--input-type=module', '-e', program], ['--max-old-space-size=512', '--stack-trace-limit=5', new URL('program.mjs', folder).pathname]]) {
      expect(await run(flags)).toBe('2\n');
    }
    expect(await run([new URL('program.mjs', folder).pathname, 'close'])).toBe('2\nclosed\n');
  });

  it('passes on errors with their code, and goes on with the next batch', async () => {
    const there = await workerViewBatches(numbered(8), { ...options, shuffle: false, views: fixture('throwing') });
    await expect(collect(there.epoch(0))).rejects.toMatchObject({ message: 'no threes', code: 'three' });
    expect(await collect(there.epoch(0, 1))).toHaveLength(1);
    await there.close();
    await expect(collect(there.epoch(0, 1))).rejects.toThrow(/were closed/);
  });

  it('replaces a thread that dies and does its work again', async () => {
    const views = fixture('deadlyOnce', flag.pathname);
    const there = await workerViewBatches<'a'>(numbered(16), { ...options, views, prefetch: 3 });
    const epoch: ViewBatch<'a'>[] = await collect(there.epoch(1));
    expect(await readFile(flag, 'utf8')).toBe('');
    expect(epoch).toEqual(await collect(viewBatches(numbered(16), { ...options, views: { a: keyed } }).epoch(1)));
    await there.close();
  });

  it('gives up work that kills every thread', async () => {
    const there = await workerViewBatches(numbered(8), { ...options, shuffle: false, views: fixture('deadly') });
    await expect(collect(there.epoch(0))).rejects.toMatchObject({ code: 'worker-crashed', message: expect.stringContaining('0, 1, 2, 3') });
    expect(await collect(there.epoch(0, 1))).toHaveLength(1);
    await there.close();
  });

  it('explains what it cannot do', async () => {
    const views = fixture('pair', 'a', 'b');
    await expect(workerViewBatches(numbered(8), { ...options, views: fixture('rgb') })).rejects.toThrow(/View "a" renders 3 channel/);
    await expect(workerViewBatches(numbered(8), { ...options, views: fixture('none') })).rejects.toThrow(/exports no function none; it exports .*pair/);
    await expect(workerViewBatches(numbered(8), { ...options, views: { module: 'file:///nowhere.mjs', export: 'x' } })).rejects.toThrow(/nowhere\.mjs did not load/);
    await expect(workerViewBatches(numbered(8), { ...options, views, workers: 0 })).rejects.toThrow(/workers is 0/);
    await expect(workerViewBatches(numbered(3), { ...options, views })).rejects.toThrow(/fewer than one batch/);
    const read = Object.assign(numbered(8).read.bind(null), { origin: { kind: 'module', call: fixture('nothing') } as const });
    const broken = await workerViewBatches({ ...numbered(8), read }, { ...options, views });
    await expect(collect(broken.epoch(0))).rejects.toThrow(/nothing of .* answered no ImageSource/);
    await broken.close();
  });
});
