import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { viewBatches, type ImageSource, type ModuleCall, type SkipReport, type ViewBatch, type ViewRenderer } from '@selfsup/data';
import type * as Node from '@selfsup/data/node';
import { parquetWriteBuffer } from 'hyparquet-writer';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileSources } from '../test/compile-sources.ts';
import { makeTar } from './tar-writer.test-helper.ts';

const COUNT = 230;
const BAD = [31, 170];
const folder = new URL(`../node_modules/.resume-test-${process.pid}/`, import.meta.url);
let node: typeof Node;
let root = '';
let server: Server;
let url = '';

/** A view that tells the image, and what it is drawn from. */
const FIXTURE = `
export const pair = () => ({ a: keyed, b: keyed });
const keyed = {
  height: 1, width: 16, channels: 1,
  render: (image, { seed, epoch, index, view }, out) => { out.set(image.data.subarray(0, 12)); out.set([seed, epoch, index, view], 12); },
};
`;
const keyed: ViewRenderer = {
  height: 1, width: 16, channels: 1,
  render: (image, { seed, epoch, index, view }, out) => {
    out.set(image.data.subarray(0, 12));
    out.set([seed, epoch, index, view], 12);
  },
};

const pixels = (index: number): Uint8Array => Uint8Array.from({ length: 12 }, (_, at) => (index * 7 + at * 31) % 256);

beforeAll(async () => {
  node = await compileSources(folder);
  await writeFile(new URL('fixture.mjs', folder), FIXTURE);
  root = await mkdtemp(join(tmpdir(), 'selfsup-resume-'));
  const pngs: Uint8Array[] = [];
  for (let index = 0; index < COUNT; index++) {
    const png = await sharp(pixels(index), { raw: { width: 4, height: 3, channels: 1 } }).png().toBuffer();
    // Cut short, and no bytes at all.
    pngs.push(new Uint8Array(index === BAD[0] ? png.subarray(0, 60) : index === BAD[1] ? png.subarray(0, 0) : png));
  }
  const name = (index: number): string => `${String(index).padStart(4, '0')}.png`;
  await mkdir(join(root, 'photos'));
  for (const [index, png] of pngs.entries()) await writeFile(join(root, 'photos', name(index)), png);

  const header = Buffer.alloc(16);
  [0x803, COUNT, 3, 4].forEach((value, at) => header.writeUInt32BE(value, 4 * at));
  await writeFile(join(root, 'x-images-idx3-ubyte'), Buffer.concat([header, ...Array.from({ length: COUNT }, (_, index) => pixels(index))]));

  const table = parquetWriteBuffer({
    columnData: [{ name: 'image', data: pngs.map((bytes, index) => ({ bytes, path: name(index) })) }],
    schema: [
      { name: 'root', num_children: 1 },
      { name: 'image', num_children: 2, repetition_type: 'OPTIONAL' },
      { name: 'bytes', type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' },
      { name: 'path', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    ],
    rowGroupSize: 20,
  });
  await writeFile(join(root, 'x.parquet'), new Uint8Array(table));

  const shard = (from: number, to: number): Uint8Array => makeTar(pngs.slice(from, to).map((data, at) => ({ path: name(from + at), data })));
  const files: Readonly<Record<string, Uint8Array>> = { '/x-0.tar': shard(0, 100), '/x-1.tar': shard(100, COUNT) };
  server = createServer((request, response) => {
    const bytes = files[request.url ?? '']!;
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const last = Math.min(Number(to), bytes.length - 1);
    response.writeHead(206, { 'content-range': `bytes ${from}-${last}/${bytes.length}` }).end(bytes.subarray(Number(from), last + 1));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(root, { recursive: true });
  await rm(folder, { recursive: true });
});

/** Opened anew each time, as by another process. */
const sets: Readonly<Record<string, { readonly open: () => Promise<ImageSource>; readonly bad: readonly number[] }>> = {
  'an image folder': { open: () => node.imageFolder(join(root, 'photos'), { channels: 1 }), bad: BAD },
  'an IDX file': { open: () => node.idxImages(join(root, 'x-images-idx3-ubyte')), bad: [] },
  // As many bytes as three of its twelve groups: the order goes by them, and they are read again and again.
  'Parquet that does not fit in memory': { open: () => node.parquetImages(join(root, 'x.parquet'), { channels: 1, cacheBytes: 6000 }), bad: BAD },
  'shards over HTTP': { open: () => node.webDataset(`${url}/x-{0..1}.tar`, { channels: 1 }), bad: BAD },
};

async function collect(batches: AsyncIterable<ViewBatch>): Promise<ViewBatch[]> {
  const all: ViewBatch[] = [];
  for await (const batch of batches) all.push(batch);
  return all;
}

const sorted = (batches: readonly ViewBatch[]): number[] => batches.flatMap(({ indices }) => [...indices]).toSorted((a, b) => a - b);
const views: ModuleCall = { module: new URL('fixture.mjs', folder).href, export: 'pair' };
const options = { seed: 5, batchSize: 16, dropLast: false };

describe.each(Object.keys(sets))('%s', (kind) => {
  const { open, bad } = sets[kind]!;
  const whole = [...Array(COUNT).keys()].filter((index) => !bad.includes(index));

  it('is taken up at any step with the same bits, by threads or without', async () => {
    const here = viewBatches(await open(), { ...options, views: { a: keyed, b: keyed } });
    const epochs = await Promise.all([0, 1].map((epoch) => collect(here.epoch(epoch))));
    for (const epoch of epochs) expect(sorted(epoch)).toEqual(whole);
    expect(epochs[1]).not.toEqual(epochs[0]);
    for (const [epoch, step, workers] of [[0, 0, 2], [0, 3, 1], [0, 14, 2], [1, 0, 2], [1, 9, 2], [1, 15, 1]] as const) {
      const reports: SkipReport[] = [];
      const there = await node.workerViewBatches(await open(), { ...options, views, workers, onSkipped: (report) => reports.push(report) });
      expect(await collect(there.epoch(epoch, step))).toEqual(epochs[epoch]!.slice(step));
      // On into the next epoch, where that is not the last.
      if (epoch === 0) expect(await collect(there.epoch(1))).toEqual(epochs[1]);
      if (step === 0) expect(reports[0]?.skipped.map(({ index }) => index) ?? []).toEqual(bad);
      await there.close();
    }
  });

  it('is shared by ranks in every epoch, none of which repeats or misses an image, and each of which is taken up again', async () => {
    const worldSize = 3;
    const of = async (rank: number): ReturnType<typeof node.workerViewBatches> => node.workerViewBatches(await open(), { ...options, batchSize: 7, views, rank, worldSize, workers: 1 });
    const ranks = await Promise.all([0, 1, 2].map(of));
    for (const epoch of [0, 1, 5]) {
      const shares = await Promise.all(ranks.map((rank) => collect(rank.epoch(epoch))));
      expect(shares.map((share) => share.length)).toEqual([11, 11, 11]);
      expect(sorted(shares.flat())).toEqual(whole);
      const again = await of(1);
      expect(await collect(again.epoch(epoch, 4))).toEqual(shares[1]!.slice(4));
      await again.close();
    }
    await Promise.all(ranks.map((rank) => rank.close()));
  });
});
