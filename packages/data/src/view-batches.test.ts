import { arraySource, DataError, evalBatches, renderAll, viewBatches, type ImageSource, type ViewBatch, type ViewRenderer } from '@selfsup/data';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permutation } from './random.ts';

/** 2×2 images whose every pixel is the image's index. */
function numbered(length: number, channels: number = 1): ImageSource {
  const pixels = 4 * channels;
  const images = Uint8Array.from({ length: length * pixels }, (_, at) => Math.floor(at / pixels));
  return arraySource({ images, height: 2, width: 2, channels, name: 'numbered' });
}

/** Writes the pixel and the key, so that a batch shows who rendered what. */
const keyed: ViewRenderer = {
  height: 1,
  width: 5,
  channels: 1,
  render: (image, { seed, epoch, index, view }, out) => out.set([image.data[0]!, seed, epoch, index, view]),
};

/** The same source, answering out of reading order. */
const delayed = (source: ImageSource, hook: (index: number) => void = () => undefined): ImageSource => ({
  ...source,
  read: async (index) => {
    await new Promise((resolve) => setTimeout(resolve, 7 - (index % 7)));
    hook(index);
    return source.read(index);
  },
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const orderOf = (batches: readonly ViewBatch[]): number[] => batches.flatMap(({ indices }) => [...indices]);

describe('viewBatches', () => {
  it('renders each image once per view, with its own key', async () => {
    const batches = viewBatches(numbered(10), { views: { b: keyed, a: keyed }, batchSize: 3, seed: 5 });
    expect(batches.stepsPerEpoch).toBe(3);
    const epoch = await collect(batches.epoch(2));
    expect(epoch).toHaveLength(3);
    for (const { views, indices } of epoch) {
      expect(Object.keys(views)).toEqual(['b', 'a']);
      expect(views.b.shape).toEqual([3, 1, 5, 1]);
      expect([...views.b.data]).toEqual([...indices].flatMap((index) => [index, 5, 2, index, 0]));
      expect([...views.a.data]).toEqual([...indices].flatMap((index) => [index, 5, 2, index, 1]));
    }
    expect(new Set(orderOf(epoch)).size).toBe(9);
  });

  it('orders by (seed, epoch) alone', async () => {
    const source = numbered(64);
    const order = async (seed: number, epoch: number, batchSize: number): Promise<number[]> =>
      orderOf(await collect(viewBatches(source, { views: { a: keyed }, batchSize, seed }).epoch(epoch)));
    const first = await order(1, 0, 4);
    expect(await order(1, 0, 32)).toEqual(first);
    expect(first.toSorted((a, b) => a - b)).toEqual([...Array(64).keys()]);
    expect(await order(1, 1, 4)).not.toEqual(first);
    expect(await order(2, 0, 4)).not.toEqual(first);
    expect(await order(-1, 0, 4)).not.toEqual(first);
    expect(await order(1 + 2 ** 32, 0, 4)).not.toEqual(first);
  });

  it('resumes at any step with the same bits', async () => {
    const batches = viewBatches(numbered(23), { views: { a: keyed }, batchSize: 4, seed: 9, dropLast: false });
    const whole = await collect(batches.epoch(3));
    expect(whole.map(({ indices }) => indices.length)).toEqual([4, 4, 4, 4, 4, 3]);
    for (let step = 0; step <= whole.length; step++) {
      expect(await collect(batches.epoch(3, step))).toEqual(whole.slice(step));
    }
  });

  it('keeps the order when told, and drops the last part of it', async () => {
    const batches = viewBatches(numbered(7), { views: { a: keyed }, batchSize: 3, seed: 0, shuffle: false });
    expect(orderOf(await collect(batches.epoch(4)))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('takes one image in batches of one', async () => {
    const batches = viewBatches(numbered(1), { views: { a: keyed }, batchSize: 1, seed: 0 });
    expect(orderOf(await collect(batches.epoch(0)))).toEqual([0]);
  });

  it('never hands out the same memory twice', async () => {
    const [one, two] = await collect(viewBatches(numbered(4), { views: { a: keyed }, batchSize: 2, seed: 0 }).epoch(0));
    expect(one!.views.a.data.buffer).not.toBe(two!.views.a.data.buffer);
  });

  it('explains what it cannot do', () => {
    const source = numbered(4);
    const options = { views: { a: keyed }, batchSize: 2, seed: 0 };
    expect(() => viewBatches(source, { ...options, batchSize: 5 })).toThrow(/4 images, fewer than one batch of 5; use a batchSize of at most 4/);
    expect(() => viewBatches(numbered(4, 3), options)).toThrow(/View "a" renders 1 channel but numbered has 3/);
    expect(() => viewBatches(source, { ...options, views: {} })).toThrow(/views is empty/);
    for (const batchSize of [0, -1, 1.5, NaN, Infinity]) {
      expect(() => viewBatches(source, { ...options, batchSize })).toThrow(DataError);
    }
    expect(() => viewBatches(source, { ...options, seed: 0.5 })).toThrow(/seed is 0.5/);
    expect(() => viewBatches(source, { ...options, views: { a: { ...keyed, width: 0 } } })).toThrow(/1×0×1/);
    const batches = viewBatches(source, options);
    expect(() => batches.epoch(-1)).toThrow(/epoch is -1/);
    expect(() => batches.epoch(0, 3)).toThrow(/fromStep is 3 but an epoch has 2 steps/);
    expect(() => viewBatches({ ...source, length: 0 }, options)).toThrow(/give it images/);
  });
});

describe('a source that answers later', () => {
  it('gives the same batches as one that answers at once', async () => {
    const options = { views: { a: keyed, b: keyed }, batchSize: 40, seed: 3 };
    const now = await collect(viewBatches(numbered(90), options).epoch(1));
    expect(await collect(viewBatches(delayed(numbered(90)), options).epoch(1))).toEqual(now);
  });

  it('is read one batch ahead, not more', async () => {
    let reads = 0;
    const source = delayed(numbered(12), () => reads++);
    for await (const batch of viewBatches(source, { views: { a: keyed }, batchSize: 3, seed: 0 }).epoch(0)) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      expect(batch.indices).toHaveLength(3);
      expect(reads).toBe(6);
      break;
    }
  });

  it('passes on what read throws, once, and stops reading', async () => {
    let reads = 0;
    const source = delayed(numbered(200), () => {
      reads++;
      throw new DataError('unreadable-image', 'broken.png');
    });
    const batches = viewBatches(source, { views: { a: keyed }, batchSize: 100, seed: 0, onError: 'fail' });
    await expect(collect(batches.epoch(0))).rejects.toThrow('broken.png');
    expect(reads).toBeLessThanOrEqual(32);
  });

  it('does not let the batch ahead fail behind the back of a caller who stopped', async () => {
    const rejections: unknown[] = [];
    const listener = (reason: unknown): void => void rejections.push(reason);
    process.on('unhandledRejection', listener);
    let reads = 0;
    const source = delayed(numbered(4), () => {
      if (++reads > 2) throw new Error('too late');
    });
    for await (const _ of viewBatches(source, { views: { a: keyed }, batchSize: 2, seed: 0 }).epoch(0)) break;
    await new Promise((resolve) => setTimeout(resolve, 30));
    process.off('unhandledRejection', listener);
    expect(reads).toBe(4);
    expect(rejections).toEqual([]);
  });

  it('is told when an image is not as declared', async () => {
    const source: ImageSource = { ...numbered(2), read: () => ({ data: new Uint8Array(3), width: 1, height: 1, channels: 3 }) };
    const batches = viewBatches(source, { views: { a: keyed }, batchSize: 2, seed: 0 });
    await expect(collect(batches.epoch(0))).rejects.toThrow(/is 1×1×3 with 3 bytes, not 2×2×1/);
  });
});

describe('evaluation', () => {
  it('renders every image in order and keeps the last part', async () => {
    const batches = await collect(evalBatches(numbered(5), keyed, 2));
    expect(batches.map(({ shape }) => shape[0])).toEqual([2, 2, 1]);
    expect(batches.flatMap(({ indices }) => [...indices])).toEqual([0, 1, 2, 3, 4]);
    const all = await renderAll(numbered(5), keyed);
    expect(all.shape).toEqual([5, 1, 5, 1]);
    expect([...all.data]).toEqual(batches.flatMap(({ data }) => [...data]));
    expect([...all.data.subarray(5, 10)]).toEqual([1, 0, 0, 1, 0]);
  });

  it('explains what it cannot do', async () => {
    expect(() => evalBatches(numbered(5), keyed, 0)).toThrow(/batchSize is 0/);
    expect(() => evalBatches(numbered(5, 3), keyed, 1)).toThrow(/renders 1 channel/);
    const huge: ViewRenderer = { ...keyed, width: 2 ** 40 };
    await expect(renderAll(numbered(5), huge)).rejects.toMatchObject({ code: 'too-large' });
  });
});

describe('permutation', () => {
  it('is one, for every length and key', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.maxSafeInteger(), fc.nat(), (length, seed, epoch) => {
        const order = permutation(length, [seed, epoch]);
        expect([...order].toSorted((a, b) => a - b)).toEqual([...Array(length).keys()]);
        expect(permutation(length, [seed, epoch])).toEqual(order);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('favours no position: χ² over successive epochs', () => {
    const length = 8;
    const epochs = 8000;
    const counts = Array.from({ length }, () => new Float64Array(length));
    for (let epoch = 0; epoch < epochs; epoch++) permutation(length, [7, epoch]).forEach((value, at) => counts[at]![value]!++);
    const expected = epochs / length;
    const chi = counts.flatMap((row) => [...row]).reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 49 degrees of freedom: 99.9 % of fair generators lie below 85.4, and above 23.
    expect(chi).toBeLessThan(85.4);
    expect(chi).toBeGreaterThan(23);
  });

  it('stays the order it was, so that old runs can be resumed', () => {
    expect([...permutation(10, [42, 3])]).toMatchInlineSnapshot(`
      [
        8,
        0,
        4,
        6,
        9,
        2,
        3,
        1,
        5,
        7,
      ]
    `);
  });
});

