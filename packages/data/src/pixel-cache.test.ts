import { arraySource, cachePixels, DataError, subset, viewBatches, type Image, type ImageSource, type ViewBatch, type ViewRenderer } from '@selfsup/data';
import { describe, expect, it } from 'vitest';

/** Images of several sizes, and how often each was read. */
function photos(length: number, sizes = [3]): { readonly source: ImageSource; readonly reads: Uint8Array } {
  const reads = new Uint8Array(length);
  const read = async (index: number): Promise<Image> => {
    reads[index]!++;
    if (index === 13) throw new DataError('unreadable-image', '13.jpg');
    const width = sizes[index % sizes.length]!;
    return { data: new Uint8Array(2 * width).fill(index), height: 2, width, channels: 1 };
  };
  return { source: { name: 'photos', length, channels: 1, size: sizes.length === 1 ? { height: 2, width: sizes[0]! } : null, read, labels: null, classes: null }, reads };
}

const shown: ViewRenderer = { height: 1, width: 3, channels: 1, render: ({ data, width }, _key, out) => out.set([data[0]!, data.at(-1)!, width]) };

async function epoch(source: ImageSource, number: number): Promise<readonly ViewBatch[]> {
  const batches: ViewBatch[] = [];
  for await (const batch of viewBatches(source, { views: { a: shown }, batchSize: 40, seed: 1 }).epoch(number)) batches.push(batch);
  return batches;
}

describe('cachePixels', () => {
  it('reads each image once, whatever their sizes, and gives the same', async () => {
    for (const sizes of [[3], [3, 17, 40]]) {
      const { source, reads } = photos(200, sizes);
      const cached = cachePixels(source);
      for (const number of [0, 1, 2]) expect(await epoch(cached, number)).toEqual(await epoch(photos(200, sizes).source, number));
      // What cannot be decoded is tried again.
      expect([...reads]).toEqual(Array.from({ length: 200 }, (_, index) => (index === 13 ? 3 : 1)));
      expect(cached.read(7)).toEqual({ data: new Uint8Array(2 * sizes[7 % sizes.length]!).fill(7), height: 2, width: sizes[7 % sizes.length], channels: 1 });
    }
  });

  it('keeps no more than it may', async () => {
    const { source, reads } = photos(200);
    const cached = cachePixels(source, { maxBytes: 100 * 16 });
    for (const number of [0, 1]) expect(await epoch(cached, number)).toEqual(await epoch(photos(200).source, number));
    expect(reads.reduce((sum, count) => sum + count)).toBe(200 + 100);
    expect(reads.filter((count) => count === 1)).toHaveLength(100);
  });

  it('leaves alone what is in memory', () => {
    const source = arraySource({ images: new Uint8Array(4), height: 2, width: 2, channels: 1 });
    expect(cachePixels(source)).toBe(source);
    const part = subset(source, [0]);
    expect(cachePixels(part)).toBe(part);
    expect(cachePixels(photos(2).source, { maxBytes: 0 }).read.origin).toBeUndefined();
    const cached = cachePixels(photos(2).source);
    expect(cachePixels(cached).read(0)).toBeInstanceOf(Promise);
    expect(() => cachePixels(photos(2).source, { maxBytes: -1 })).toThrow(/maxBytes is -1/);
  });
});
