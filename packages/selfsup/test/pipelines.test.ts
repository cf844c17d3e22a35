import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as augment from '@selfsup/augment';
import { viewBatches } from '@selfsup/data';
import type { ImageSource, ViewBatches, ViewRenderer } from '@selfsup/data';
import { imageFolder, workerViewBatches } from '@selfsup/data/node';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

const count = 24;
let folder: string;
let source: ImageSource;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'selfsup-pipelines-'));
  await mkdir(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const [width, height] = [40 + 3 * i, 90 - 2 * i];
    const noise = Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * (2 * i + 7)) % 253);
    await sharp(noise, { raw: { width, height, channels: 3 } }).jpeg({ quality: 95 }).toFile(join(folder, `${String(i).padStart(2, '0')}.jpg`));
  }
  source = await imageFolder(folder);
});
afterAll(() => rm(folder, { recursive: true }));

/** What rendering threads import. */
const module = new URL('../../augment/dist/index.js', import.meta.url).href;

/** Every view of an epoch by image: a copy, since arrays may be used again. */
async function viewsByImage(batches: ViewBatches): Promise<ReadonlyMap<string, Float32Array>> {
  const found = new Map<string, Float32Array>();
  for await (const { views, indices } of batches.epoch(3)) {
    // A step takes its time, in which the next batches are rendered: into other memory than this one's.
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const [name, { data, shape: [, height, width, channels] }] of Object.entries(views)) {
      const stride = height * width * channels;
      for (const [position, index] of indices.entries()) found.set(`${index} ${name}`, data.slice(position * stride, (position + 1) * stride));
    }
  }
  return found;
}

const presets = {
  byolImageNet: [{ size: 32 }],
  dinoImageNet: [{ size: 24, local: { views: 2, size: 12 } }],
  simsiamCifar: [],
} as const;

test.each(Object.entries(presets))('%s gives the same bits whatever the threads, the batch size and the memory', async (name, args) => {
  const make = (augment as unknown as Record<string, (...options: readonly unknown[]) => Readonly<Record<string, ViewRenderer>>>)[name]!;
  const views = make(...args);
  // One by one, without batches.
  const expected = new Map<string, Float32Array>();
  for (let index = 0; index < count; index++) {
    const image = await source.read(index);
    for (const [view, [label, renderer]] of Object.entries(views).entries()) {
      const out = new Float32Array(renderer.height * renderer.width * renderer.channels);
      renderer.render(image, { seed: 11, epoch: 3, index, view }, out);
      expected.set(`${index} ${label}`, out);
    }
  }
  for (const [workers, batchSize, reuse] of [[0, 24, false], [0, 5, true], [1, 8, false], [1, 4, true], [2, 6, true], [2, 24, false], [3, 7, true], [3, 12, false]] as const) {
    const options = { batchSize, seed: 11, dropLast: false, reuse };
    const threaded = workers === 0 ? null : await workerViewBatches(source, { ...options, views: { module, export: name, args }, workers });
    const found = await viewsByImage(threaded ?? viewBatches(source, { ...options, views }));
    await threaded?.close();
    expect(found.size).toBe(expected.size);
    for (const [key, pixels] of expected) {
      // Bits, not numbers: a sign of zero would count.
      const [a, b] = [pixels, found.get(key)!].map((data) => Buffer.from(data.buffer, data.byteOffset, data.byteLength));
      expect(a!.equals(b!), `${name}, ${workers} thread(s), batches of ${batchSize}, reuse ${reuse}: image and view ${key}`).toBe(true);
    }
  }
});

test('with reuse, a batch is given up when the next one is asked for, and its memory comes back', async () => {
  const views = augment.simsiamCifar();
  const held: { readonly buffer: ArrayBufferLike; readonly length: number }[] = [];
  for await (const batch of viewBatches(source, { views, batchSize: 4, seed: 0, reuse: true }).epoch(0)) held.push({ buffer: batch.views.a.data.buffer, length: batch.views.a.data.length });
  expect(held).toHaveLength(6);
  expect(new Set(held.map(({ buffer }) => buffer)).size).toBeLessThanOrEqual(3);
  const own: ArrayBufferLike[] = [];
  for await (const batch of viewBatches(source, { views, batchSize: 4, seed: 0 }).epoch(0)) own.push(batch.views.a.data.buffer);
  expect(new Set(own).size).toBe(6);
  const threads = await workerViewBatches<'a' | 'b'>(source, { views: { module, export: 'simsiamCifar' }, batchSize: 4, seed: 0, workers: 2, reuse: true });
  const lengths: number[] = [];
  const before: Float32Array[] = [];
  for await (const batch of threads.epoch(0)) {
    before.push(batch.views.a.data);
    lengths.push(batch.views.a.data.length);
  }
  await threads.close();
  expect(new Set(lengths)).toEqual(new Set([4 * 32 * 32 * 3]));
  // Sent to a thread to be filled again: whoever kept one finds it empty, and not with other images in it.
  expect(before.some(({ length }) => length === 0)).toBe(true);
});
