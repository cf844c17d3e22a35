import { arraySource, DataError, evalBatches, streamSource, viewBatches, type Image, type ImageSource, type SkipReport, type StreamedImage, type ViewBatch, type ViewRenderer } from '@selfsup/data';
import { describe, expect, it } from 'vitest';

const imageOf = (value: number): Image => ({ data: Uint8Array.of(value % 256), width: 1, height: 1, channels: 1 });
const keyed: ViewRenderer = {
  height: 1, width: 5, channels: 1,
  render: (image, { seed, epoch, index, view }, out) => out.set([image.data[0]!, seed, epoch, index, view]),
};
const tiny: ViewRenderer = { height: 1, width: 1, channels: 1, render: (image, _key, out) => out.fill(image.data[0]!) };

function* counted(length: number): Generator<StreamedImage, void, undefined> {
  for (let value = 0; value < length; value++) yield value % 3 === 0 ? () => Promise.resolve(imageOf(value)) : value % 3 === 1 ? () => imageOf(value) : imageOf(value);
}

function* damaged(): Generator<StreamedImage, void, undefined> {
  for (let value = 0; value < 300; value++) {
    if (value === 44) yield () => Promise.reject(new DataError('unreadable-image', '44.jpg is cut short'));
    else yield imageOf(value);
  }
}

const numbered = (length: number, real = length): ReturnType<typeof streamSource> =>
  streamSource({ name: 'numbers', length, channels: 1, open: () => counted(real) });

/** The images of a source as a stream. */
const inOrderStream = (source: ImageSource): ReturnType<typeof streamSource> =>
  streamSource({ length: source.length, channels: source.channels, open: () => Array.from({ length: source.length }, (_, index) => () => source.read(index)) });

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const orderOf = (batches: readonly ViewBatch[]): number[] => batches.flatMap(({ indices }) => [...indices]);
const sorted = (numbers: readonly number[]): number[] => numbers.toSorted((a, b) => a - b);
const options = { views: { a: keyed, b: keyed }, batchSize: 8, seed: 5 };

describe('viewBatches of a stream', () => {
  it('renders each image once per view, mixed anew each epoch', async () => {
    const batches = viewBatches(numbered(100), { ...options, shuffleBuffer: 30, dropLast: false });
    expect(batches.stepsPerEpoch).toBe(13);
    const epoch = await collect(batches.epoch(2));
    expect(sorted(orderOf(epoch))).toEqual([...Array(100).keys()]);
    for (const { views, indices } of epoch) {
      expect([...views.a.data]).toEqual([...indices].flatMap((index) => [index, 5, 2, index, 0]));
      expect([...views.b.data]).toEqual([...indices].flatMap((index) => [index, 5, 2, index, 1]));
    }
    expect(orderOf(await collect(batches.epoch(2)))).toEqual(orderOf(epoch));
    expect(orderOf(await collect(batches.epoch(3)))).not.toEqual(orderOf(epoch));
    // No image can come before the buffer has reached it.
    orderOf(epoch).forEach((index, place) => expect(index).toBeLessThanOrEqual(place + 29));
    expect(orderOf(epoch)).not.toEqual(sorted(orderOf(epoch)));
    expect(await collect(viewBatches(numbered(100), { ...options, shuffleBuffer: 30 }).epoch(0))).toHaveLength(12);
  });

  it('takes no more images than its length, whoever has more', async () => {
    for (const worldSize of [1, 3]) {
      const ranks = await Promise.all(Array.from({ length: worldSize }, (_, rank) => collect(viewBatches(numbered(20, 500), { ...options, dropLast: false, rank, worldSize }).epoch(0))));
      expect(sorted(ranks.flatMap(orderOf))).toEqual([...Array(20).keys()]);
    }
    const labelled = { ...numbered(20, 500), labels: new Uint8Array(20) };
    expect((await collect(evalBatches(labelled, keyed, 8))).flatMap(({ indices }) => [...indices])).toEqual([...Array(20).keys()]);
  });

  it('keeps the order without shuffling, and renders what viewBatches renders', async () => {
    const source = arraySource({ images: Uint8Array.from({ length: 50 }, (_, at) => at), height: 1, width: 1, channels: 1 });
    const inOrder = await collect(viewBatches(source, { ...options, shuffle: false }).epoch(1));
    expect(await collect(viewBatches(inOrderStream(source), { ...options, shuffle: false }).epoch(1))).toEqual(inOrder);
  });

  it('draws from the buffer uniformly: χ² of where the first image comes out', async () => {
    const counts = new Float64Array(10);
    const batches = viewBatches(streamSource({ length: 40, channels: 1, open: () => counted(40) }), { views: { a: tiny }, batchSize: 40, seed: 1, shuffleBuffer: 10 });
    const epochs = 2000;
    for (let epoch = 0; epoch < epochs; epoch++) {
      for await (const { indices } of batches.epoch(epoch)) counts[indices[0]!]!++;
    }
    const chi = counts.reduce((sum, count) => sum + (count - epochs / 10) ** 2 / (epochs / 10), 0);
    // 9 degrees of freedom: 99.9 % of fair generators lie below 27.9.
    expect(chi).toBeLessThan(27.9);
  });

  it('resumes at any step with the same bits', async () => {
    const batches = viewBatches(numbered(60), { ...options, shuffleBuffer: 16, dropLast: false });
    const whole = await collect(batches.epoch(1));
    for (let step = 0; step <= whole.length; step++) expect(await collect(batches.epoch(1, step))).toEqual(whole.slice(step));
  });

  it('shares the stream among ranks', async () => {
    const shared = { ...options, worldSize: 3, shuffleBuffer: 7 };
    const ranks = await Promise.all([0, 1, 2].map((rank) => collect(viewBatches(numbered(100), { ...shared, rank }).epoch(0))));
    for (const [rank, batches] of ranks.entries()) {
      expect(batches).toHaveLength(4);
      expect(orderOf(batches).every((index) => index % 3 === rank)).toBe(true);
    }
    expect(new Set(ranks.flatMap(orderOf)).size).toBe(96);
  });

  it('leaves out what cannot be decoded', async () => {
    const reports: SkipReport[] = [];
    const batches = viewBatches(streamSource({ length: 300, channels: 1, open: damaged }), { ...options, dropLast: false, onSkipped: (report) => reports.push(report) });
    expect(orderOf(await collect(batches.epoch(0)))).toHaveLength(299);
    expect(reports[0]!.skipped).toEqual([{ index: 44, reason: '44.jpg is cut short' }]);
  });

  it('counts bad images anew each epoch: they may come at other places', async () => {
    const open = function* (epoch: number): Generator<StreamedImage> {
      for (let value = 0; value < 300; value++) yield (value + 50 * epoch) % 150 === 44 ? () => Promise.reject(new DataError('unreadable-image', 'cut short')) : imageOf(value);
    };
    const batches = viewBatches(streamSource({ length: 300, channels: 1, open }), { ...options, dropLast: false });
    for (let epoch = 0; epoch < 5; epoch++) expect(orderOf(await collect(batches.epoch(epoch)))).toHaveLength(298);
    const many = function* (): Generator<StreamedImage> {
      for (let value = 0; value < 300; value++) yield value % 75 === 44 ? () => Promise.reject(new DataError('unreadable-image', 'cut short')) : imageOf(value);
    };
    const lost = viewBatches(streamSource({ length: 300, channels: 1, open: many }), options);
    await expect(collect(lost.epoch(0))).rejects.toThrow(/^4 of the 300 images of stream cannot be used/);
  });

  it('closes the stream when the caller stops', async () => {
    let closed = false;
    const open = async function* (): AsyncGenerator<StreamedImage> {
      try {
        for (let value = 0; ; value++) yield imageOf(value);
      } finally {
        closed = true;
      }
    };
    const endless = viewBatches(streamSource({ length: 1000, channels: 1, open }), { ...options, shuffleBuffer: 10 });
    for await (const batch of endless.epoch(0)) {
      expect(batch.indices).toHaveLength(8);
      break;
    }
    await expect.poll(() => closed).toBe(true);
    expect(await collect(endless.epoch(0))).toHaveLength(125);
  });

  it('explains what it cannot do', async () => {
    await expect(collect(viewBatches(numbered(100, 90), options).epoch(0))).rejects.toMatchObject({
      code: 'mismatch', message: 'numbers ended after 90 of the 100 images that its length promises this rank; give the length that it has.',
    });
    expect(() => numbered(0)).toThrow(/length is 0/);
    expect(() => viewBatches(numbered(7), options)).toThrow(/7 images, fewer than one batch of 8/);
    expect(() => viewBatches(numbered(70), { ...options, views: {} })).toThrow(/views is empty/);
    expect(() => viewBatches(numbered(70), { ...options, shuffleBuffer: 0 })).toThrow(/shuffleBuffer is 0/);
    expect(() => viewBatches(numbered(70), { ...options, views: { a: { ...keyed, channels: 3 } } })).toThrow(/renders 3 channels but numbers has 1/);
    expect(() => viewBatches(numbered(70), options).epoch(0, 99)).toThrow(/fromStep is 99 but an epoch has 8 steps/);
    const failing = streamSource({ length: 10, channels: 1, open: () => { throw new Error('no database'); } });
    await expect(collect(viewBatches(failing, options).epoch(0))).rejects.toThrow('no database');
  });
});

function megabytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().rss / 2 ** 20;
}

/** How much resident memory grows after the first tenth of an epoch. */
async function growth(batches: AsyncIterable<ViewBatch>, length: number): Promise<number> {
  let seen = 0;
  let settled = 0;
  let most = 0;
  for await (const { indices } of batches) {
    const before = seen;
    seen += indices.length;
    if (before < length / 10 && seen >= length / 10) settled = megabytes();
    if (settled > 0 && Math.floor(seen / 100_000) > Math.floor(before / 100_000)) most = Math.max(most, megabytes());
  }
  expect(seen).toBe(length);
  return most - settled;
}

describe('1,000,000 records', () => {
  it('stream through memory that stays flat', async () => {
    const length = 1_000_000;
    const record = new Uint8Array(28 * 28);
    // Each record is new memory: 784 MB in all, of which only the buffer and two batches may stay.
    const open = function* (): Generator<StreamedImage> {
      for (let at = 0; at < length; at++) yield { data: record.slice(), width: 28, height: 28, channels: 1 };
    };
    const batches = viewBatches(streamSource({ length, channels: 1, open }), { views: { a: tiny }, batchSize: 1000, seed: 0, shuffleBuffer: 2000 });
    expect(await growth(batches.epoch(0), length)).toBeLessThan(100);
  });

  it('are read by index in memory that stays flat', async () => {
    const length = 1_000_000;
    const source = { name: 'synthetic', length, channels: 1, size: null, labels: null, classes: null, read: imageOf };
    const batches = viewBatches(source, { views: { a: tiny }, batchSize: 1000, seed: 0 });
    expect(await growth(batches.epoch(0), length)).toBeLessThan(100);
  });
});
