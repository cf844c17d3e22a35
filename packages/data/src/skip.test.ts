import { arraySource, DataError, evalBatches, renderAll, viewBatches, type ImageSource, type SkipReport, type ViewBatch, type ViewRenderer } from '@selfsup/data';
import { describe, expect, it } from 'vitest';

const first: ViewRenderer = { height: 1, width: 2, channels: 1, render: (image, { index }, out) => out.set([image.data[0]!, index]) };

/** One-pixel images; those at `bad` cannot be read, some at once and some later. */
function damaged(length: number, bad: readonly number[]): ImageSource {
  const images = Uint8Array.from({ length }, (_, index) => index % 256);
  const labels = Int32Array.from({ length }, (_, index) => index);
  const whole = arraySource({ images, height: 1, width: 1, channels: 1, labels, name: 'photos' });
  return {
    ...whole,
    read: (index) => {
      if (!bad.includes(index)) return whole.read(index);
      const error = new DataError('unreadable-image', `${index}.jpg could not be decoded (it is cut short); replace or remove it.`);
      if (index % 2 === 0) throw error;
      return Promise.reject(error);
    },
  };
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const everyIndex = (batches: readonly ViewBatch[]): number[] => batches.flatMap(({ indices }) => [...indices]).toSorted((a, b) => a - b);
const except = (length: number, bad: readonly number[]): number[] => [...Array(length).keys()].filter((index) => !bad.includes(index));

describe('images that cannot be decoded', () => {
  it('are left out of their batches, and named at the end of each epoch', async () => {
    const bad = [7, 8, 200];
    const reports: SkipReport[] = [];
    const batches = viewBatches(damaged(300, bad), { views: { a: first, b: first }, batchSize: 20, seed: 4, onSkipped: (report) => reports.push(report) });
    const epoch = await collect(batches.epoch(0));
    expect(epoch).toHaveLength(15);
    expect(everyIndex(epoch)).toEqual(except(300, bad));
    for (const { views, indices } of epoch) {
      expect(views.a.shape).toEqual([indices.length, 1, 2, 1]);
      // Rows stay beside their indices when the gaps are closed.
      expect([...views.a.data]).toEqual([...indices].flatMap((index) => [index % 256, index]));
      expect(views.b.data).toEqual(views.a.data);
    }
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatchObject({ source: 'photos', length: 300, skipped: [{ index: 7 }, { index: 8 }, { index: 200 }] });
    expect(reports[0]!.message).toMatch(/^3 of the 300 images of photos were left out:\n {2}7\.jpg could not .*\n {2}8\.jpg.*\n {2}200\.jpg/);
    expect(await collect(batches.epoch(0))).toEqual(epoch);
    expect(reports).toHaveLength(2);
  });

  it('are an error once they are more than 1 %, counted over all epochs', async () => {
    const options = { views: { a: first }, batchSize: 10, seed: 0 };
    const atLimit = viewBatches(damaged(300, [1, 2, 3]), options);
    await collect(atLimit.epoch(0));
    await collect(atLimit.epoch(1));
    const above = viewBatches(damaged(300, [1, 2, 3, 5]), options);
    await expect(collect(above.epoch(0))).rejects.toMatchObject({
      code: 'unreadable-image',
      message: expect.stringMatching(/^4 of the 300 images of photos cannot be used, more than 1 %; repair or remove them:\n {2}\d\.jpg/),
    });
    await expect(collect(viewBatches(damaged(99, [5]), options).epoch(0))).rejects.toThrow(/^1 of the 99 images/);
  });

  it('name twenty files at most', async () => {
    const bad = Array.from({ length: 25 }, (_, at) => at);
    const reports: SkipReport[] = [];
    await collect(viewBatches(damaged(2500, bad), { views: { a: first }, batchSize: 500, seed: 0, onSkipped: (report) => reports.push(report) }).epoch(0));
    expect(reports[0]!.skipped).toHaveLength(25);
    expect(reports[0]!.message.split('\n')).toHaveLength(22);
    expect(reports[0]!.message).toMatch(/and 5 more$/);
  });

  it('are an error at once with onError: fail', async () => {
    const batches = viewBatches(damaged(300, [7]), { views: { a: first }, batchSize: 300, seed: 0, onError: 'fail' });
    await expect(collect(batches.epoch(0))).rejects.toThrow(/^7\.jpg could not be decoded/);
    expect(() => viewBatches(damaged(3, []), { views: { a: first }, batchSize: 1, seed: 0, onError: 'ignore' as 'skip' })).toThrow(/onError is "ignore"/);
  });

  it('are an error when they are a whole batch', async () => {
    const batches = viewBatches(damaged(300, [7]), { views: { a: first }, batchSize: 1, seed: 0 });
    await expect(collect(batches.epoch(0))).rejects.toThrow(/^No image of a batch of 1 can be used.*7\.jpg/);
  });

  it('are reported when the caller stops early', async () => {
    const reports: SkipReport[] = [];
    const options = { views: { a: first }, batchSize: 100, seed: 0, shuffle: false, onSkipped: (report: SkipReport) => reports.push(report) };
    for await (const { indices } of viewBatches(damaged(300, [7, 208]), options).epoch(0)) {
      expect(indices).toHaveLength(99);
      break;
    }
    expect(reports.map(({ skipped }) => skipped.map(({ index }) => index))).toEqual([[7]]);
  });

  it('do not excuse other errors', async () => {
    const source: ImageSource = { ...damaged(300, []), read: () => { throw new DataError('not-found', 'the server is down'); } };
    await expect(collect(viewBatches(source, { views: { a: first }, batchSize: 10, seed: 0 }).epoch(0))).rejects.toThrow('the server is down');
    const rejecting: ViewRenderer = { ...first, render: () => { throw new DataError('unreadable-image', 'from a renderer'); } };
    await expect(collect(viewBatches(damaged(300, []), { views: { a: rejecting }, batchSize: 10, seed: 0 }).epoch(0))).rejects.toThrow('from a renderer');
  });

  it('fail an evaluation unless told otherwise, for its rows stand beside labels', async () => {
    const source = damaged(300, [7, 8]);
    await expect(collect(evalBatches(source, first, 100))).rejects.toThrow(/^[78]\.jpg/);
    await expect(renderAll(source, first)).rejects.toThrow(/^[78]\.jpg/);
    const reports: SkipReport[] = [];
    const options = { onError: 'skip', onSkipped: (report: SkipReport) => reports.push(report) } as const;
    const batches = await collect(evalBatches(source, first, 7, options));
    expect(batches.flatMap(({ indices }) => [...indices])).toEqual(except(300, [7, 8]));
    expect(batches.flatMap(({ data }) => [...data].filter((_, at) => at % 2 === 1))).toEqual(except(300, [7, 8]));
    const all = await renderAll(source, first, options);
    expect(all.shape).toEqual([298, 1, 2, 1]);
    expect(all.indices).toHaveLength(298);
    expect(reports).toHaveLength(2);
  });
});

describe('ranks', () => {
  it('share each step of an epoch among them', async () => {
    const source = damaged(70, []);
    const of = (rank: number, worldSize: number, batchSize: number, dropLast = true): ReturnType<typeof viewBatches> =>
      viewBatches(source, { views: { a: first }, batchSize, seed: 3, rank, worldSize, dropLast });
    const alone = await collect(of(0, 1, 12).epoch(2));
    const shared = await Promise.all([0, 1, 2].map((rank) => collect(of(rank, 3, 4).epoch(2))));
    for (const steps of shared) expect(steps.map(({ indices }) => indices.length)).toEqual([4, 4, 4, 4, 4]);
    alone.forEach(({ indices }, step) => {
      expect(shared.flatMap((steps) => [...steps[step]!.indices]).toSorted((a, b) => a - b)).toEqual([...indices].toSorted((a, b) => a - b));
    });
    expect(await collect(of(1, 3, 4).epoch(2, 3))).toEqual(shared[1]!.slice(3));
    // 10 of 70 are left for the sixth step: 4, 3 and 3.
    const uneven = await Promise.all([0, 1, 2].map((rank) => collect(of(rank, 3, 4, false).epoch(2))));
    expect(uneven.map((steps) => steps.map(({ indices }) => indices.length))).toEqual([[4, 4, 4, 4, 4, 4], [4, 4, 4, 4, 4, 3], [4, 4, 4, 4, 4, 3]]);
    expect(everyIndex(uneven.flat())).toEqual([...Array(70).keys()]);
    // 70 = 2 · 34 + 2: no step for three ranks is left.
    expect(of(0, 3, 17, false).stepsPerEpoch).toBe(2);
    expect(of(0, 34, 2, false).stepsPerEpoch).toBe(1);
  });

  it('count bad images over those that they were given, and are not misled by chance', async () => {
    const of = (bad: readonly number[], rank: number, shuffle: boolean): ReturnType<typeof viewBatches> =>
      viewBatches(damaged(6000, bad), { views: { a: first }, batchSize: 100, seed: 0, shuffle, rank, worldSize: 3 });
    // All in the share of one rank: 2 % of its 2000, and .7 % of the set.
    const apart = Array.from({ length: 40 }, (_, at) => 30 * at);
    await expect(collect(of(apart, 0, false).epoch(0))).rejects.toThrow(/^(3[4-9]|40) of the 2000 images of photos that rank 0 was given cannot be used, more than 1 %/);
    expect(await collect(of(apart, 1, false).epoch(0))).toHaveLength(20);
    // .9 % of the set: some rank has more than 1 % of its share in some epoch.
    const spread = Array.from({ length: 54 }, (_, at) => 111 * at);
    const shares: number[] = [];
    for (const rank of [0, 1, 2]) {
      const batches = of(spread, rank, true);
      for (let epoch = 0; epoch < 6; epoch++) shares.push(2000 - everyIndex(await collect(batches.epoch(epoch))).length);
    }
    expect(Math.max(...shares)).toBeGreaterThan(20);
    // 1.2 % of it are too many for each rank, sooner or later.
    const many = Array.from({ length: 72 }, (_, at) => 83 * at);
    for (const rank of [0, 1, 2]) {
      const batches = of(many, rank, true);
      await expect((async () => { for (let epoch = 0; epoch < 20; epoch++) await collect(batches.epoch(epoch)); })()).rejects.toThrow(/ images of photos that rank \d was given cannot be used/);
    }
  });

  it('are checked', () => {
    const options = { views: { a: first }, batchSize: 24, seed: 3 };
    const of = (rank: number, worldSize: number): unknown => viewBatches(damaged(70, []), { ...options, rank, worldSize });
    expect(() => of(2, 2)).toThrow(/rank is 2; with a worldSize of 2 ranks are 0 to 1/);
    expect(() => of(0, 0)).toThrow(/worldSize is 0/);
    expect(() => of(0, 3)).toThrow(/fewer than one batch of 24 on each of 3 ranks; use a batchSize of at most 23/);
  });
});
