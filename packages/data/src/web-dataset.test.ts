import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DataError, viewBatches, type ImageSource, type SkipReport, type ViewBatch, type ViewRenderer } from '@selfsup/data';
import { openSource, webDataset } from '@selfsup/data/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTar, type WrittenEntry } from './tar-writer.test-helper.ts';

let root = '';
let folders = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'selfsup-shards-'));
});
afterAll(() => rm(root, { recursive: true }));

const png = (gray: number, size = 2): Promise<Buffer> =>
  sharp({ create: { width: size, height: size, channels: 3, background: { r: gray, g: gray, b: gray } } }).png().toBuffer();

async function folderOf(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = join(root, `set${folders++}`);
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return folder;
}

/** A shard of gray images, each with its gray as label modulo 10. */
async function shard(grays: readonly number[]): Promise<Uint8Array> {
  const entries: WrittenEntry[] = [];
  for (const gray of grays) {
    const key = String(gray).padStart(6, '0');
    entries.push({ path: `${key}.cls`, data: String(gray % 10) }, { path: `${key}.png`, data: await png(gray) });
  }
  return makeTar(entries);
}

const numbers = (from: number, count: number): number[] => Array.from({ length: count }, (_, at) => from + at);

/** A shard of `good` samples and what else is given. */
async function shardWith(entries: readonly WrittenEntry[], good = 0): Promise<string> {
  const image = await png(1);
  const filler = numbers(0, good).map((at): WrittenEntry => ({ path: `good${at}.png`, data: image }));
  return join(await folderOf({ 'x.tar': makeTar([...filler, ...entries]) }), 'x.tar');
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const pixel: ViewRenderer = { height: 1, width: 1, channels: 3, render: (image, _key, out) => out.fill(image.data[0]!) };

describe('webDataset', () => {
  it('reads images and labels of all shards by index', async () => {
    const folder = await folderOf({ 'a-001.tar': await shard(numbers(20, 20)), 'a-000.tar': await shard(numbers(0, 20)), 'notes.txt': 'x', '.hidden.tar': 'x' });
    for (const given of [folder, join(folder, 'a-{000..001}.tar'), [join(folder, 'a-000.tar'), join(folder, 'a-001.tar')]]) {
      const source = await webDataset(given, { channels: 1 });
      expect(source).toMatchObject({ length: 40, channels: 1, size: null, classes: null, skipped: [] });
      expect(source.shards.map((path) => path.slice(-9))).toEqual(['a-000.tar', 'a-001.tar']);
      expect([...source.labels!]).toEqual(numbers(0, 40).map((gray) => gray % 10));
      for (const index of [39, 0, 20, 19]) expect([...(await source.read(index)).data]).toEqual([index, index, index, index]);
      await expect(source.read(40)).rejects.toMatchObject({ code: 'out-of-range' });
    }
    expect((await webDataset(folder, { size: 'uniform' })).size).toEqual({ height: 2, width: 2 });
    expect((await (await webDataset(folder, { size: { height: 3, width: 5 } })).read(7)).data).toHaveLength(45);
  });

  it('takes labels from JSON, by number or by name, and names from beside the shards', async () => {
    const image = await png(1);
    const sample = (key: string, json: unknown): WrittenEntry[] => [{ path: `${key}.JPG`, data: image }, { path: `${key}.json`, data: JSON.stringify(json) }];
    const byName = makeTar([...sample('a', { label: 'dog', caption: 'x' }), ...sample('b', { label: 'cat' }), ...sample('d/b', { label: 'dog' })]);
    const named = await webDataset(join(await folderOf({ 'x.tar': byName }), 'x.tar'));
    expect([[...named.labels!], named.classes]).toEqual([[1, 0, 1], ['cat', 'dog']]);
    const byNumber = makeTar([...sample('a', { kind: 1 }), ...sample('b', { kind: 0 })]);
    const folder = await folderOf({ 'train/x.tar': byNumber, 'meta.json': '{"classes": ["cat", "dog"]}' });
    const numbered = await webDataset(join(folder, 'train'), { jsonLabel: 'kind' });
    expect([[...numbered.labels!], numbered.classes]).toEqual([[1, 0], ['cat', 'dog']]);
    expect((await webDataset(join(folder, 'train'))).labels).toBeNull();
    await writeFile(join(folder, 'train', 'classnames.txt'), 'only\n');
    await expect(webDataset(join(folder, 'train'), { jsonLabel: 'kind' })).rejects.toThrow(/has the label 1 at index 0; its 1 classes are 0 to 0/);
    const mixed = makeTar([...sample('a', { label: 1 }), ...sample('b', { label: 'cat' })]);
    await expect(webDataset(await folderOf({ 'x.tar': mixed }))).rejects.toThrow(/labels by name \("cat"\) and by number/);
  });

  it('tells splits by names and subfolders, and openSource does so too', async () => {
    const flat = await folderOf({ 'set-train-0.tar': await shard(numbers(0, 4)), 'set-train-1.tar': await shard(numbers(4, 4)), 'set-val-0.tar': await shard(numbers(8, 2)) });
    await expect(webDataset(flat)).rejects.toThrow(/has a train and a test split; choose one/);
    expect(await webDataset(flat, { split: 'test' })).toMatchObject({ length: 2, name: expect.stringMatching(/\/test$/) });
    expect(await openSource(flat, { channels: 1 })).toMatchObject({ train: { length: 8, channels: 1 }, test: { length: 2, channels: 1 } });
    const deep = await folderOf({ 'train/0.tar': await shard(numbers(0, 4)), 'test/0.tar': await shard(numbers(4, 3)) });
    expect(await openSource(deep)).toMatchObject({ train: { length: 4 }, test: { length: 3 } });
    expect(await openSource(join(deep, 'train', '0.tar'))).toMatchObject({ train: { length: 4 }, test: null });
    expect(await openSource(join(deep, 'train'))).toMatchObject({ train: { length: 4 }, test: null });
    await expect(webDataset(await folderOf({ 'x.txt': '' }))).rejects.toThrow(/has no \.tar files; give the folder/);
    await expect(webDataset(join(root, 'no-{0..1}.tar'))).rejects.toThrow(/There is no file .*no-0\.tar/);
    await expect(webDataset(join(root, 'no-{9..1}.tar'))).rejects.toThrow(/\{9\.\.1\}.*count upwards/);
    await expect(webDataset([])).rejects.toThrow(/No \.tar files were given/);
  });

  it('does not follow links out of the folder', async () => {
    const outside = await folderOf({ 'secret.tar': await shard([1]) });
    const folder = await folderOf({ 'a.tar': await shard([2, 3]) });
    await symlink(join(outside, 'secret.tar'), join(folder, 'b.tar'));
    expect((await webDataset(folder)).length).toBe(2);
  });
});

describe('hostile shards', () => {
  it('lose what is no use, and say so', async () => {
    const image = await png(1);
    const cases: readonly (readonly [readonly WrittenEntry[], RegExp])[] = [
      [[{ path: '../../etc/a.png', data: image }], /^"\.\.\/\.\.\/etc\/a\.png" in .*x\.tar has a path that climbs out of the archive\.$/],
      [[{ path: '..\\a.png', data: image }], /climbs out/],
      [[{ path: '/etc/a.png', data: image }], /has an absolute path/],
      [[{ path: 'C:\\a.png', data: image }], /has an absolute path/],
      [[{ path: 'a.png', type: '2' }], /^a\.png in .* is a link; only plain files are read/],
      [[{ path: 'a.png', type: '3' }], /is a device/],
      [[{ path: 'a.txt', data: 'x' }], /^a in .* is a sample without an image/],
      [[{ path: 'good3.png', data: image }], /^good3\.png in .* has the key of an earlier sample/],
      [[{ path: 'a.png', data: image }, { path: 'a.png', data: image }], /^a\.png in .* is there twice; the first counts/],
      [[{ path: 'a.png', data: image }, { path: 'a.json', data: '{' }], /^a\.json in .* is not JSON/],
      [[{ path: 'a.png', data: image }, { path: 'a.json', data: ' '.repeat(2 ** 20 + 1) }], /more than a label needs/],
      [[{ path: 'a.png', data: image }, { path: 'a.json', data: '{"label": 0.5}' }], /neither a whole number/],
    ];
    for (const [entries, reason] of cases) {
      const { skipped, length } = await webDataset(await shardWith(entries, 200));
      expect(skipped).toHaveLength(1);
      expect(skipped[0]).toMatch(reason);
      expect(length).toBe(entries.some(({ path }) => path === 'a.png') && entries.length > 1 ? 201 : 200);
      await expect(webDataset(await shardWith(entries, 200), { onError: 'fail' })).rejects.toThrow(reason);
      await expect(webDataset(await shardWith(entries, 5))).rejects.toThrow(/^1 of the \d+ samples of x cannot be used, more than 1 %/);
    }
  });

  it('lose samples without a label where others have one', async () => {
    const image = await png(1);
    const entries = numbers(0, 300).flatMap((at): WrittenEntry[] => [{ path: `${at}.png`, data: image }, { path: `${at}.cls`, data: at === 7 ? 'cat' : '1' }]);
    const source = await webDataset(await shardWith(entries));
    expect([source.length, source.labels!.length]).toEqual([299, 299]);
    expect(source.skipped).toEqual([expect.stringMatching(/^7\.cls in .* is not a whole number/), expect.stringMatching(/^1 sample of x without a label, beside/)]);
    await expect(webDataset(await shardWith([...entries, ...numbers(0, 9).map((at): WrittenEntry => ({ path: `x${at}.png`, data: image }))]))).rejects.toThrow(/11 of the 310 samples/);
  });

  it('give what is whole before they are cut short or damaged', async () => {
    const whole = await shard(numbers(0, 250));
    const grays = async (source: ImageSource): Promise<number[]> => Promise.all(numbers(0, source.length).map(async (index) => (await source.read(index)).data[0]!));
    // The last sample has a label and half an image, 1.5 blocks of it, and the end of the archive is missing.
    const cut = await folderOf({ 'x.tar': whole.subarray(0, whole.length - 1024 - 300) });
    const source = await webDataset(cut);
    expect(await grays(source)).toEqual(numbers(0, 249));
    expect(source.skipped).toEqual([expect.stringMatching(/x\.tar ends at byte \d+, inside 000249\.png, .* \(about 1 sample of it lost\)\.$/), expect.stringMatching(/^000249 in .* is a sample without an image/)].slice(0, source.skipped.length));
    await expect(webDataset(cut, { onError: 'fail' })).rejects.toMatchObject({ code: 'truncated', message: expect.stringMatching(/ends at byte/) });
    const noEnd = await webDataset(await folderOf({ 'x.tar': whole.subarray(0, whole.length - 1024) }));
    expect([noEnd.length, noEnd.skipped]).toEqual([250, [expect.stringMatching(/ends without the zeros that end an archive/)]]);
    // What lies behind a damaged header is lost, and counts.
    const broken = whole.slice();
    const spoil = (sample: number): void => void (broken[sample * 2048 + 150] = 0x39);
    spoil(249);
    const rest = await webDataset(await folderOf({ 'x.tar': broken }));
    expect([rest.length, rest.skipped]).toEqual([249, [expect.stringMatching(/its checksum is wrong.* \(about 2 sample/)]]);
    spoil(125);
    await expect(webDataset(await folderOf({ 'x.tar': broken }))).rejects.toMatchObject({
      code: 'unreadable-image', message: expect.stringMatching(/^12\d of the 25\d samples of set\d+ cannot be used, more than 1 %.*\n.*checksum is wrong/),
    });
    await expect(webDataset(await folderOf({ 'x.tar': makeTar([]) }))).rejects.toThrow(/has no samples with an image/);
    await expect(openSource(await folderOf({ 'x.tar': 'hello' }))).rejects.toThrow(/1 of the 1 samples .*\n.*x\.tar ends at byte 5/);
  });

  it('lose images that cannot be decoded, by name', async () => {
    const whole = await png(9, 40);
    const file = await shardWith([{ path: 'dir/cut.png', data: whole.subarray(0, whole.length / 2) }, { path: 'zero.jpg' }, { path: 'bomb.png', data: await png(0, 60) }], 400);
    const source = await webDataset(file, { maxPixels: 50 * 50 });
    await expect(source.read(400)).rejects.toMatchObject({ code: 'unreadable-image', message: expect.stringMatching(/^dir\/cut\.png in .*x\.tar could not be decoded/) });
    await expect(source.read(402)).rejects.toThrow(/^bomb\.png in .*pixel limit/);
    const reports: SkipReport[] = [];
    const batches = viewBatches(source, { views: { a: pixel }, batchSize: 31, seed: 0, onSkipped: (report) => reports.push(report) });
    const epoch: ViewBatch[] = await collect(batches.epoch(0));
    expect(epoch.flatMap(({ indices }) => [...indices])).toHaveLength(400);
    expect(reports[0]!.skipped.map(({ index }) => index)).toEqual([400, 401, 402]);
    await expect((await webDataset(await shardWith([{ path: 'z.png', data: await png(9, 3) }], 3), { size: 'uniform' })).read(3)).rejects.toThrow(/^z\.png in .* is 3×3, not 2×2 as the first/);
  });
});

describe('over HTTP', () => {
  const files = new Map<string, Uint8Array>();
  const seen: string[] = [];
  let server: Server;
  let base = '';
  let mode: 'ranges' | 'whole' | 'busy' | 'other range' | 'too much' | 'breaks' = 'ranges';
  let failures = 0;
  beforeAll(async () => {
    files.set('/s-0.tar', await shard(numbers(0, 30)));
    files.set('/s-1.tar', await shard(numbers(30, 30)));
    files.set('/empty.tar', new Uint8Array(0));
    server = createServer((request, response) => {
      const bytes = files.get(request.url ?? '');
      seen.push(`${request.url} ${request.headers.range} ${request.headers.authorization ?? ''}`);
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      if (!bytes) return response.writeHead(404).end();
      if (failures > 0) {
        failures--;
        return mode === 'breaks' ? void request.socket.destroy() : response.writeHead(503).end();
      }
      if (mode === 'whole' || from === undefined) return response.writeHead(200).end(bytes);
      const first = Number(from);
      const last = Math.min(Number(to), bytes.length - 1);
      if (first >= bytes.length) return response.writeHead(416).end();
      const shift = mode === 'other range' ? 1 : 0;
      response.writeHead(206, { 'content-range': `bytes ${first + shift}-${last + shift}/${bytes.length}`, etag: `"${bytes.length}"` });
      return response.end(bytes.subarray(first, last + 1 + (mode === 'too much' ? 9 : 0)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  it('gives what the files on disk give, asking for ranges only', async () => {
    const remote = await webDataset(`${base}/s-{0..1}.tar`, { channels: 1, headers: { authorization: 'Bearer x' } });
    expect(remote.length).toBe(60);
    expect([...remote.labels!]).toEqual(numbers(0, 60).map((gray) => gray % 10));
    const indexing = seen.length;
    for (const index of [59, 0, 31]) expect((await remote.read(index)).data[0]).toBe(index);
    expect(seen.length - indexing).toBe(3);
    expect(seen.every((line) => /bytes=\d+-\d+ Bearer x$/.test(line))).toBe(true);
    expect((await openSource(`${base}/s-0.tar`)).train.length).toBe(30);
  });

  it('tries again what may pass', async () => {
    for (const how of ['busy', 'breaks'] as const) {
      [mode, failures] = [how, 2];
      expect((await webDataset(`${base}/s-0.tar`)).length).toBe(30);
    }
    [mode, failures] = ['busy', 3];
    await expect(webDataset(`${base}/s-0.tar`)).rejects.toMatchObject({ code: 'not-found', message: expect.stringMatching(/could not be read \(status 503\), tried 3 times/) });
    mode = 'ranges';
  });

  it('explains what it cannot use', async () => {
    await expect(webDataset(`${base}/gone.tar`)).rejects.toThrow(/gone\.tar answered status 404/);
    await expect(webDataset(`${base}/empty.tar`)).rejects.toThrow(/it is empty or shorter than it was/);
    for (const [how, message] of [['whole', /without range requests/], ['other range', /answered another range/], ['too much', /./]] as const) {
      mode = how;
      await expect(webDataset(`${base}/s-0.tar`)).rejects.toThrow(message);
    }
    mode = 'ranges';
    const source = await webDataset(`${base}/s-0.tar`);
    const kept = files.get('/s-0.tar')!;
    files.set('/s-0.tar', await shard([1, 2]));
    const changed = Promise.resolve(source.read(0)).catch((error: unknown) => error);
    expect(await changed).toBeInstanceOf(DataError);
    expect(await changed).toMatchObject({ code: 'mismatch', message: expect.stringMatching(/has changed since it was opened/) });
    files.set('/s-0.tar', kept);
  });
});
