import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { viewBatches, type EncodedImage, type SkipReport, type StreamSource, type ViewRenderer } from '@selfsup/data';
import { webDatasetStream } from '@selfsup/data/node';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeTar, type WrittenEntry } from './tar-writer.test-helper.ts';

const perShard = 30;
const shards = new Map<string, Uint8Array>();
/** What was asked for, and how the server misbehaves. */
let asked: string[] = [];
let breakAfter = Number.POSITIVE_INFINITY;
let resumes = true;
let server: Server;
let base = '';

const png = (gray: number): Promise<Buffer> => sharp({ create: { width: 3, height: 2, channels: 3, background: { r: gray, g: gray, b: gray } } }).png().toBuffer();

async function shard(first: number, count = perShard): Promise<Uint8Array> {
  const entries: WrittenEntry[] = [];
  for (let gray = first; gray < first + count; gray++) {
    const key = String(gray).padStart(4, '0');
    // The label behind the image: its bytes are read before, and not again.
    entries.push({ path: `${key}.png`, data: await png(gray) }, { path: `${key}.cls`, data: String(gray % 10) }, { path: `${key}.txt`, data: 'x'.repeat(3000) });
  }
  return makeTar(entries);
}

beforeAll(async () => {
  for (let i = 0; i < 3; i++) shards.set(`/s-${i}.tar`, await shard(i * perShard));
  shards.set('/cut.tar', (await shard(0)).subarray(0, 50_000));
  shards.set('/climbs.tar', makeTar([{ path: '../../a.png', data: await png(1) }, { path: 'b.png', data: await png(2) }, { path: 'c.png', data: 'no image' }]));
  shards.set('/none.tar', makeTar([{ path: 'README', data: 'x' }]));
  server = createServer((request, response) => {
    const bytes = shards.get(request.url ?? '');
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    asked.push(`${request.url}${request.headers.range ? ` from ${from > 0}` : ''}`);
    if (!bytes) return response.writeHead(404).end();
    if (from > 0 && !resumes) return response.writeHead(416).end();
    const body = bytes.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length, etag: `"${bytes.length}"` });
    if (body.length <= breakAfter) return response.end(body);
    response.write(body.subarray(0, breakAfter), () => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  [asked, breakAfter, resumes] = [[], Number.POSITIVE_INFINITY, true];
});

/** The gray of each image of an epoch. */
async function grays(stream: StreamSource, epoch = 0): Promise<number[]> {
  const found: number[] = [];
  for await (const image of stream.open(epoch)) found.push((await stream.decode!(image as EncodedImage)).data[0]!);
  return found;
}

const numbers = (count: number): number[] => [...Array(count).keys()];
const pixel: ViewRenderer = { height: 1, width: 1, channels: 3, render: (image, _key, out) => out.fill(image.data[0]!) };

describe('webDatasetStream', () => {
  it('reads each shard in one request an epoch', async () => {
    const stream = await webDatasetStream(`${base}/s-{0..2}.tar`, { length: 90 });
    expect(asked).toEqual([]);
    expect(await grays(stream)).toEqual(numbers(90));
    expect(asked).toEqual(['/s-0.tar', '/s-1.tar', '/s-2.tar']);
    expect(await grays(stream, 1)).toEqual(numbers(90));
    expect(asked).toHaveLength(6);
  });

  it('mixes the shards by seed and epoch, and goes on from the first when it has to', async () => {
    const open = (seed: number, length = 90): Promise<StreamSource> => webDatasetStream(`${base}/s-{0..2}.tar`, { length, seed });
    const stream = await open(3);
    const epochs = [await grays(stream, 0), await grays(stream, 1), await grays(stream, 2), await grays(stream, 3)];
    for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual(numbers(90));
    expect(new Set(epochs.map(String)).size).toBeGreaterThan(1);
    expect(await grays(await open(3), 2)).toEqual(epochs[2]);
    asked = [];
    expect(await grays(await webDatasetStream(`${base}/s-{0..2}.tar`, { length: 100 }))).toEqual([...numbers(90), ...numbers(10)]);
    expect(asked).toEqual(['/s-0.tar', '/s-1.tar', '/s-2.tar', '/s-0.tar']);
  });

  it('goes on where a connection broke', async () => {
    breakAfter = 60_000;
    const stream = await webDatasetStream(`${base}/s-0.tar`, { length: perShard });
    expect(await grays(stream)).toEqual(numbers(perShard));
    expect(asked).toEqual(['/s-0.tar', ...Array(asked.length - 1).fill('/s-0.tar from true')]);
    expect(asked.length).toBeGreaterThan(1);
    resumes = false;
    await expect(grays(stream)).rejects.toMatchObject({ code: 'not-found', message: expect.stringMatching(/status 416 when it was asked for the rest/) });
    [resumes, breakAfter] = [true, 500];
    await expect(grays(stream)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('names what cannot be used, and what a cut shard has lost', async () => {
    const reports: SkipReport[] = [];
    const batchesOf = async (place: string, length: number) =>
      viewBatches(await webDatasetStream([`${base}/${place}`, `${base}/s-1.tar`], { length }), { views: { a: pixel }, batchSize: length, seed: 0, onSkipped: (report) => reports.push(report) });
    // Of so few images, one is more than 1 %: an error that names it.
    await expect(batchesOf('cut.tar', 20).then(async (batches) => { for await (const _ of batches.epoch(0)); })).rejects.toThrow(/cut\.tar ends at byte 50000/);
    await expect(batchesOf('climbs.tar', 20).then(async (batches) => { for await (const _ of batches.epoch(0)); })).rejects.toThrow(/climbs out of the archive|c\.png in .*climbs\.tar could not be decoded/);
    expect(reports.flatMap(({ skipped }) => skipped.map(({ reason }) => reason)).join('\n')).toMatch(/climbs out/);
    const fails = await webDatasetStream(`${base}/climbs.tar`, { length: 3 });
    await expect((async () => { for await (const _ of viewBatches(fails, { views: { a: pixel }, batchSize: 3, seed: 0, onError: 'fail' }).epoch(0)); })()).rejects.toMatchObject({ code: 'unreadable-image' });
  });

  it('refuses what it cannot work with', async () => {
    await expect(webDatasetStream(`${base}/s-0.tar`, { length: 0 })).rejects.toThrow(/length is 0/);
    await expect(grays(await webDatasetStream(`${base}/gone.tar`, { length: 1 }))).rejects.toThrow(/gone\.tar answered status 404/);
    await expect(grays(await webDatasetStream(`${base}/none.tar`, { length: 1 }))).rejects.toThrow(/has no samples with an image/);
  });
});
