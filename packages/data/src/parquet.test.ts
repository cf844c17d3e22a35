import { createServer, type Server } from 'node:http';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { DataError, fraction, subset, viewBatches, type SkipReport, type ViewBatch, type ViewRenderer } from '@selfsup/data';
import { openSource, parquetImages } from '@selfsup/data/node';
import * as fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let root = '';
let server: Server;
const grays: Buffer[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'selfsup-parquet-'));
  for (let gray = 0; gray < 120; gray++) {
    grays.push(await sharp({ create: { width: 2, height: 3, channels: 3, background: { r: gray, g: gray, b: gray } } }).png().toBuffer());
  }
});
afterAll(() => rm(root, { recursive: true }));

interface Written {
  readonly labels?: readonly (number | bigint | string | null)[];
  readonly labelType?: 'INT64' | 'INT32' | 'STRING';
  readonly huggingface?: unknown;
  readonly image?: string;
  readonly label?: string;
  readonly rowGroupSize?: number;
  readonly codec?: 'SNAPPY' | 'GZIP' | 'BROTLI' | 'ZSTD' | 'UNCOMPRESSED';
  /** Images in place of those; `path` alone where undefined. */
  readonly bytes?: readonly (Uint8Array | undefined)[];
}

/** A file as the datasets library writes it: `image` a struct of bytes and path. */
function table(from: number, count: number, written: Written = {}): Uint8Array {
  const { labels, labelType = 'INT64', huggingface, image = 'image', label = 'label', rowGroupSize = 10, codec = 'SNAPPY' } = written;
  const bytes = written.bytes ?? grays.slice(from, from + count);
  const images = bytes.map((data, at) => ({ bytes: data && new Uint8Array(data), path: `${from + at}.png` }));
  const schema = [
    { name: 'root', num_children: labels ? 2 : 1 },
    { name: image, repetition_type: 'OPTIONAL' as const, num_children: 2 },
    { name: 'bytes', repetition_type: 'OPTIONAL' as const, type: 'BYTE_ARRAY' as const },
    { name: 'path', repetition_type: 'OPTIONAL' as const, type: 'BYTE_ARRAY' as const, converted_type: 'UTF8' as const },
    ...(labels ? [{ name: label, repetition_type: 'OPTIONAL' as const, ...(labelType === 'STRING' ? { type: 'BYTE_ARRAY' as const, converted_type: 'UTF8' as const } : { type: labelType }) }] : []),
  ];
  const columnData = [{ name: image, data: images }, ...(labels ? [{ name: label, data: [...labels] }] : [])];
  const kvMetadata = huggingface === undefined ? [] : [{ key: 'huggingface', value: JSON.stringify(huggingface) }];
  const compressors = { GZIP: (input: Uint8Array) => gzipSync(input), BROTLI: (input: Uint8Array) => brotliCompressSync(input), ZSTD: (input: Uint8Array) => input };
  return new Uint8Array(parquetWriteBuffer({ schema, columnData, kvMetadata, rowGroupSize, codec, compressors }));
}

async function write(path: string, bytes: Uint8Array): Promise<string> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), bytes);
  return join(root, path);
}

const longs = (count: number, classes = 3): bigint[] => Array.from({ length: count }, (_, at) => BigInt(at % classes));
const features = { info: { features: { img: { _type: 'Image' }, fine: { names: ['ant', 'bee', 'cat'], _type: 'ClassLabel' } } } };
const pixel: ViewRenderer = { height: 1, width: 1, channels: 3, render: (image, _key, out) => out.fill(image.data[0]!) };

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('parquetImages', () => {
  it('reads images and labels of all files by index', async () => {
    const first = await write('two/a-0.parquet', table(0, 35, { labels: longs(35) }));
    const second = await write('two/a-1.parquet', table(35, 25, { labels: longs(25) }));
    for (const given of [join(root, 'two'), [first, second], join(root, 'two/a-{0..1}.parquet')]) {
      const source = await parquetImages(given, { channels: 1 });
      expect(source).toMatchObject({ length: 60, channels: 1, size: null, classes: null });
      expect([...source.labels!]).toEqual([...longs(35), ...longs(25)].map(Number));
      for (const index of [59, 0, 34, 35, 9, 10]) {
        expect(await source.read(index)).toMatchObject({ width: 2, height: 3, channels: 1, data: expect.objectContaining({ 0: index }) });
      }
      await expect(source.read(60)).rejects.toMatchObject({ code: 'out-of-range' });
    }
    expect((await parquetImages(first, { size: 'uniform' })).size).toEqual({ height: 3, width: 2 });
  });

  it('finds columns and class names in the metadata, or is told', async () => {
    const path = await write('hf.parquet', table(0, 6, { image: 'img', label: 'fine', labels: longs(6), huggingface: features }));
    const source = await parquetImages(path);
    expect([[...source.labels!], source.classes]).toEqual([[0, 1, 2, 0, 1, 2], ['ant', 'bee', 'cat']]);
    const plain = await write('plain.parquet', table(0, 3, { image: 'picture', label: 'kind', labelType: 'STRING', labels: ['dog', 'cat', 'dog'] }));
    expect((await parquetImages(plain)).labels).toBeNull();
    const named = await parquetImages(plain, { label: 'kind' });
    expect([[...named.labels!], named.classes]).toEqual([[1, 0, 1], ['cat', 'dog']]);
    await expect(parquetImages(plain, { image: 'photo' })).rejects.toThrow(/has no column "photo"; its columns are picture, kind; name one with \{ image/);
    const text = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'text', data: ['a'], type: 'STRING' }] }));
    await expect(parquetImages(await write('text.parquet', text))).rejects.toThrow(/has no column of images; its columns are text/);
  });

  it('takes unpublished labels for none, and refuses gaps', async () => {
    expect((await parquetImages(await write('hidden.parquet', table(0, 3, { labels: [-1n, -1n, -1n] })))).labels).toBeNull();
    await expect(parquetImages(await write('gaps.parquet', table(0, 3, { labels: [1n, null, 1n] })))).rejects.toThrow(/no label in 1 of 3 rows/);
    await expect(parquetImages(await write('low.parquet', table(0, 2, { labels: [1n, -2n] })))).rejects.toThrow(/has the label -2 in row 1/);
    await expect(parquetImages(await write('many.parquet', table(0, 4, { image: 'img', label: 'fine', labels: longs(4, 4), huggingface: features })))).rejects.toThrow(/the label 3 at index 3; its 3 classes/);
  });

  it('unpacks what Node can', async () => {
    for (const codec of ['GZIP', 'BROTLI', 'UNCOMPRESSED'] as const) {
      expect((await (await parquetImages(await write(`${codec}.parquet`, table(0, 12, { codec })))).read(11)).data[0]).toBe(11);
    }
  });

  it('keeps no more than it may, and reads the same', async () => {
    const source = await parquetImages(await write('big.parquet', table(0, 120, { rowGroupSize: 7 })), { cacheBytes: 3000 });
    const order = Array.from({ length: 240 }, (_, at) => (at * 77) % 120);
    const read = await Promise.all(order.map((index) => source.read(index)));
    expect(read.map(({ data }) => data[0])).toEqual(order);
  });

  it('mixes as many row groups as it keeps, so that each is decoded once an epoch', async () => {
    const path = await write('runs.parquet', table(0, 120, { rowGroupSize: 10 }));
    expect((await parquetImages(path)).runs).toBeUndefined();
    const bytes = (await readFile(path)).length;
    const source = await parquetImages(path, { cacheBytes: Math.ceil(0.8 * bytes) });
    const { starts, together } = source.runs!;
    expect([...starts]).toEqual(Array.from({ length: 12 }, (_, at) => 10 * at));
    expect(together).toBeGreaterThanOrEqual(2);
    expect(together).toBeLessThanOrEqual(5);
    const orderOf = async (epoch: number, of = source): Promise<number[]> => {
      const batches = await collect(viewBatches(of, { views: { a: pixel }, batchSize: 8, seed: 0, dropLast: false }).epoch(epoch));
      for (const { indices, views } of batches as ViewBatch<'a'>[]) if (of === source) expect([...views.a.data]).toEqual([...indices].flatMap((index) => [index, index, index]));
      return batches.flatMap(({ indices }) => [...indices]);
    };
    const order = await orderOf(0);
    expect(order.toSorted((a, b) => a - b)).toEqual([...Array(120).keys()]);
    expect(await orderOf(0)).toEqual(order);
    expect(await orderOf(1)).not.toEqual(order);
    for (let at = 0; at < 120; at += 10 * together) {
      const groups = new Set(order.slice(at, at + 10 * together).map((index) => Math.floor(index / 10)));
      expect(groups.size).toBe(Math.min(together, 12 - at / 10));
    }
    // Mixed within its group, not only run by run.
    expect(new Set(order.slice(0, 10).map((index) => Math.floor(index / 10))).size).toBeGreaterThan(1);
    const half = fraction(source, 0.5, 1);
    expect([half.runs!.starts[0], half.runs!.together, half.length]).toEqual([0, together, 60]);
    expect((await orderOf(0, half)).toSorted((a, b) => a - b)).toEqual([...Array(60).keys()]);
    expect(subset(source, [5, 4]).runs).toBeUndefined();
  });

  it('is opened by openSource, with its splits', async () => {
    await write('set/data/train-00000-of-00002.parquet', table(0, 10, { labels: longs(10) }));
    await write('set/data/train-00001-of-00002.parquet', table(10, 10, { labels: longs(10) }));
    await write('set/data/test-00000-of-00001.parquet', table(20, 5, { labels: longs(5) }));
    const { train, test } = await openSource(join(root, 'set'), { channels: 1, size: { height: 4, width: 4 } });
    expect([train.length, test?.length, train.channels, train.size]).toEqual([20, 5, 1, { height: 4, width: 4 }]);
    expect((await test!.read(0)).data[0]).toBe(20);
    expect(await openSource(join(root, 'set/data/test-00000-of-00001.parquet'))).toMatchObject({ train: { length: 5 }, test: null });
  });

  it('reads over HTTP', async () => {
    const bytes = await readFile(await write('remote.parquet', table(0, 30, { labels: longs(30) })));
    server = createServer((request, response) => {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      const last = Math.min(Number(to), bytes.length - 1);
      response.writeHead(206, { 'content-range': `bytes ${from}-${last}/${bytes.length}` }).end(bytes.subarray(Number(from), last + 1));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { train } = await openSource(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x.parquet`);
      expect((await train.read(29)).data[0]).toBe(29);
    } finally {
      server.close();
    }
  });
});

describe('damaged tables', () => {
  it('lose images that cannot be decoded, by name', async () => {
    const bytes = Array.from({ length: 200 }, (_, at) => (at === 5 ? grays[0]!.subarray(0, 40) : at === 6 ? undefined : grays[0]!));
    const path = await write('damaged.parquet', table(0, 200, { bytes }));
    const source = await parquetImages(path);
    await expect(source.read(5)).rejects.toMatchObject({ code: 'unreadable-image', message: expect.stringMatching(/^5\.png \(row 5 of .*damaged\.parquet\) could not be decoded/) });
    await expect(source.read(6)).rejects.toThrow(/the file has its path and not its bytes/);
    const reports: SkipReport[] = [];
    await collect(viewBatches(source, { views: { a: pixel }, batchSize: 50, seed: 0, onSkipped: (report) => reports.push(report) }).epoch(0));
    expect(reports[0]!.skipped.map(({ index }) => index)).toEqual([5, 6]);
  });

  it('are refused', async () => {
    const whole = table(0, 20, { labels: longs(20) });
    await expect(parquetImages(await write('cut.parquet', whole.subarray(0, whole.length - 100)))).rejects.toMatchObject({ code: 'bad-format', message: expect.stringMatching(/cut\.parquet cannot be read as Parquet \(/) });
    await expect(parquetImages(await write('empty.parquet', new Uint8Array(0)))).rejects.toMatchObject({ code: 'bad-format' });
    await expect(parquetImages(await write('text2.parquet', Buffer.from('hello world, no table')))).rejects.toMatchObject({ code: 'bad-format' });
    await expect(parquetImages(join(root, 'gone.parquet'))).rejects.toMatchObject({ code: 'not-found' });
    const zeroed = Uint8Array.from(whole, (byte, at) => (at > 8 && at < 60 ? 0xff : byte));
    const source = await parquetImages(await write('zeroed.parquet', zeroed));
    await expect(source.read(0)).rejects.toMatchObject({ name: 'DataError' });
    // What failed is tried again, and the other row groups are whole.
    await expect(source.read(0)).rejects.toMatchObject({ name: 'DataError' });
    expect((await source.read(19)).data[0]).toBe(19);
  });

  it('end in images or a DataError, whatever the bytes', async () => {
    const whole = table(0, 20, { labels: longs(20) });
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        try {
          await (await parquetImages(await write('fuzzed.parquet', bytes))).read(0);
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});
