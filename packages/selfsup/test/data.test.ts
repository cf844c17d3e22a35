import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { selfsup } from './cli.ts';
import { key, serve, smallSet, writeFolder, writeJpegs, writeNpy, writeParquet, writeShard } from './sets.ts';
import type { Served, SmallSet } from './sets.ts';

let cwd: string;
let served: Served;
let url: string;
let train: SmallSet;
let encoder: string;
let expected: Float32Array;
const quick = ['--width', '4', '--batch-size', '32', '--epochs', '1'];

/** Labelled images of the user's own: read by index, and one after another. */
const OWN = (data: string): string => `
  import { readFileSync } from 'node:fs';
  import { fashionMnistSample } from '${new URL('../../data/dist/node.js', import.meta.url).href}';
  import { streamSource, subset } from '${new URL('../../data/dist/index.js', import.meta.url).href}';
  import { imageDecoder } from '${new URL('../../data/dist/node.js', import.meta.url).href}';
  const range = (from, count) => Array.from({ length: count }, (_, at) => from + at);
  const part = async (from, count) => subset((await fashionMnistSample()).train, range(from, count));
  const stream = async (from, count) => {
    const source = await part(from, count);
    async function* open() {
      for (let at = 0; at < count; at++) yield { encoded: readFileSync(\`images/\${String(from + at).padStart(5, '0')}.png\`), name: \`row \${at}\` };
    }
    return streamSource({ name: 'rows', length: count, channels: 1, size: { height: 28, width: 28 }, labels: source.labels, open, decode: await imageDecoder({ channels: 1 }) });
  };
  // Not known to the library: no thread can read it by itself.
  const mine = async (from, count) => { const source = await part(from, count); return { ...source, read: (index) => source.read(index) }; };
  export default { recipe: 'simsiam', data: ${data}, width: 4, batchSize: 32, epochs: 1 };
`;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'selfsup-data-'));
  train = await smallSet(0, 96);
  const held = await smallSet(96, 40);
  await writeShard(join(cwd, 'shards/x-train-000.tar'), { images: train.images.slice(0, 50) });
  await writeShard(join(cwd, 'shards/x-train-001.tar'), { images: train.images.slice(50) });
  await writeShard(join(cwd, 'shards/x-test-000.tar'), held);
  await writeShard(join(cwd, 'plain/a.tar'), train, { labels: false });
  await writeParquet(join(cwd, 'table/data/train-00000-of-00001.parquet'), train);
  await writeParquet(join(cwd, 'table/data/test-00000-of-00001.parquet'), held);
  await writeNpy(join(cwd, 'arrays'), 'train', train);
  await writeNpy(join(cwd, 'arrays'), 'test', held);
  await writeFolder(join(cwd, 'photos/train'), train);
  await writeFolder(join(cwd, 'photos/test'), held);
  const all = [...train.images, ...held.images];
  await mkdir(join(cwd, 'images'));
  for (const [at, { png }] of all.entries()) await writeFile(join(cwd, 'images', `${key(at)}.png`), png);
  const read = async (path: string): Promise<Uint8Array> => readFile(join(cwd, path));
  served = await serve({
    'train-000.tar': await read('shards/x-train-000.tar'), 'train-001.tar': await read('shards/x-train-001.tar'), 'test.tar': await read('shards/x-test-000.tar'),
    'test.parquet': await read('table/data/test-00000-of-00001.parquet'), 'train-images.npy': await read('arrays/train-images.npy'),
  });
  ({ url } = served);
  await writeFile(join(cwd, 'stream.mjs'), OWN('async () => ({ train: await stream(0, 96), test: await stream(96, 40) })'));
  await writeFile(join(cwd, 'mine.mjs'), OWN('async () => ({ train: await mine(0, 96), test: await mine(96, 40) })'));
  const trained = await selfsup(['train', 'simsiam', '--data', 'shards', '--channels', '1', ...quick, '--name', 'shards'], { cwd });
  expect(trained.stderr).toBe('');
  expect(trained.stdout).toContain('random-encoder');
  encoder = join('runs', 'shards', 'encoder');
  expected = await embed('--data', 'shards');
});
afterAll(async () => {
  served.server.close();
  await rm(cwd, { recursive: true });
});

/** The features of the training images as `embed` writes them. */
let outputs = 0;
async function embed(...args: readonly string[]): Promise<Float32Array> {
  const output = join('features', `of-${outputs++}`, 'all.npy');
  const { stderr, code } = await selfsup(['embed', encoder, ...args, '--output', output], { cwd });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const bytes = await readFile(join(cwd, output));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset + 10 + bytes[8]! + 256 * bytes[9]!, bytes.byteOffset + bytes.length));
}

describe('the same images give the same features', () => {
  const ways: readonly (readonly [string, () => readonly string[]])[] = [
    ['a pattern of shards', () => ['--data', 'shards/x-train-{000..001}.tar']],
    ['shards without labels', () => ['--data', 'plain']],
    ['shards over HTTP', () => ['--data', `${url}/train-{000..001}.tar`]],
    ['a folder of Parquet files', () => ['--data', 'table']],
    ['a folder of NumPy files', () => ['--data', 'arrays']],
    ['NumPy over HTTP', () => ['--data', `${url}/train-images.npy`]],
    ['a stream of the config file', () => ['--config', 'stream.mjs']],
    ['a source of the config file', () => ['--config', 'mine.mjs']],
  ];
  test.each(ways)('%s', async (_, args) => {
    expect(await embed(...args())).toEqual(expected);
  });

  test('a folder of classes, in the order of its paths', async () => {
    const features = await embed('--data', 'photos');
    const dim = expected.length / 96;
    const order = [...train.images.keys()].toSorted((a, b) => train.images[a]!.label - train.images[b]!.label || a - b);
    expect([...features]).toEqual(order.flatMap((at) => [...expected.subarray(at * dim, (at + 1) * dim)]));
  });
});

const score = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
  const { stdout, stderr } = await selfsup(['eval', encoder, ...args, '--json'], { cwd });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Record<string, unknown>;
};

describe('the same labels give the same score', () => {
  test('by shards, HTTP, Parquet, NumPy, a folder, a stream', async () => {
    const all = await score('--data', 'shards');
    expect(all).toEqual(await score('--data', `${url}/train-{000..001}.tar`, '--test-data', `${url}/test.tar`));
    expect(all).toEqual(await score('--data', 'table/data/train-00000-of-00001.parquet', '--test-data', `${url}/test.parquet`));
    expect(all).toEqual(await score('--data', 'arrays'));
    expect(all).toEqual(await score('--config', 'stream.mjs'));
    expect(await score('--data', 'photos')).toMatchObject({ knn: all['knn'] });
  });

  test('parts by class and by fraction are seeded', async () => {
    const tenth = await score('--data', 'shards', '--fraction', '0.3', '--seed', '4');
    expect(await score('--data', 'shards', '--fraction', '0.3', '--seed', '4')).toEqual(tenth);
    const all = await score('--data', 'shards');
    expect(tenth).not.toEqual(all);
    const two = await score('--data', 'shards', '--classes', '0,1');
    expect(two['knn']).toBeGreaterThanOrEqual(all['knn'] as number);
    expect((await selfsup(['eval', encoder, '--data', 'shards', '--classes', 'boots'], { cwd })).stderr).toMatch(/no images of the class "boots"; its classes are 0, 1/);
  });
});

test.each([
  ['a stream', ['train', '--config', 'stream.mjs']],
  ['a source without an origin', ['train', '--config', 'mine.mjs']],
  ['Parquet, on this thread', ['train', 'simsiam', '--data', 'table', '--channels', '1', '--workers', '0', ...quick]],
])('%s trains to the same losses as shards, on any thread', async (name, args) => {
  const { stderr, code } = await selfsup([...args, '--name', name], { cwd });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const losses = async (run: string): Promise<unknown[]> =>
    (await readFile(join(cwd, 'runs', run, 'metrics.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ type }) => type === 'step').map(({ loss }) => loss);
  // A stream is mixed by its buffer, so only its first order is another; what it computes is as good.
  if (name === 'a stream') expect((await losses(name)).every(Number.isFinite)).toBe(true);
  else expect(await losses(name)).toEqual(await losses('shards'));
});

test('JPEGs are decoded by the fast decoder unless told, and an encoder is judged on what it was trained on', async () => {
  await writeJpegs(join(cwd, 'jpegs/train'), train);
  await writeJpegs(join(cwd, 'jpegs/test'), await smallSet(96, 40));
  const run = async (name: string, ...args: readonly string[]): Promise<Record<string, unknown>[]> => {
    const { stderr, code } = await selfsup(['train', 'simsiam', '--data', 'jpegs', ...quick, '--name', name, ...args], { cwd });
    expect([stderr, code]).toEqual(['', 0]);
    const json = async (file: string): Promise<Record<string, unknown>> => JSON.parse(await readFile(join(cwd, 'runs', name, file), 'utf8')) as Record<string, unknown>;
    const metrics = (await readFile(join(cwd, 'runs', name, 'metrics.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    return [await json('config.json'), await json('encoder/preprocessing.json'), { losses: metrics.map(({ loss }) => loss) }];
  };
  const [config, preprocessing, losses] = await run('default');
  expect([config!['jpeg'], preprocessing!['jpeg']]).toEqual(['fast', 'fast']);
  const [exactConfig, exactPreprocessing, exactLosses] = await run('exact', '--jpeg', 'exact');
  expect([exactConfig!['jpeg'], exactPreprocessing!['jpeg']]).toEqual(['exact', 'exact']);
  expect(exactLosses).not.toEqual(losses);
  expect((await run('told', '--jpeg', 'fast'))[2]).toEqual(losses);
  const features = async (name: string, ...args: readonly string[]): Promise<Buffer> => {
    const output = `jpegs-${outputs++}.npy`;
    const { stderr } = await selfsup(['embed', join('runs', name, 'encoder'), '--data', 'jpegs', '--output', output, ...args], { cwd });
    expect(stderr).toBe('');
    return readFile(join(cwd, output));
  };
  const ofExact = await features('exact');
  expect(ofExact).toEqual(await features('exact', '--jpeg', 'exact'));
  expect(ofExact).not.toEqual(await features('exact', '--jpeg', 'fast'));
  expect(await features('default')).toEqual(await features('default', '--jpeg', 'fast'));
  // One that does not say is older than the choice.
  const file = join(cwd, 'runs/exact/encoder/preprocessing.json');
  const { jpeg: _, ...old } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify(old));
  expect(await features('exact')).toEqual(ofExact);
});

describe('--stream', () => {
  const steps = async (run: string): Promise<unknown[]> =>
    (await readFile(join(cwd, 'runs', run, 'metrics.jsonl'), 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ type }) => type === 'step').map(({ step, epoch, loss }) => [step, epoch, loss]);
  const streamed = ['train', 'simsiam', '--stream', '96', '--shuffle-buffer', '50', '--channels', '1', '--size', '28', '--width', '4', '--batch-size', '32', '--epochs', '2'];

  test('reads each shard once an epoch, is resumed where the server failed, and trains as it does from disk', async () => {
    served.whole.length = 0;
    const through = await selfsup([...streamed, '--data', `${url}/train-{000..001}.tar`, '--name', 'streamed'], { cwd });
    expect([through.stderr, through.code]).toEqual(['', 0]);
    expect(through.stdout).toContain('nothing is judged');
    // Two epochs, and the images of the report.
    expect(served.whole.length).toBeLessThanOrEqual(6);
    expect(served.whole.slice(0, 4).toSorted()).toEqual(['train-000.tar', 'train-000.tar', 'train-001.tar', 'train-001.tar']);
    expect(JSON.parse(await readFile(join(cwd, 'runs/streamed/config.json'), 'utf8'))).toMatchObject({ stream: 96, shuffleBuffer: 50, jpeg: 'fast' });
    // The server goes away in the second epoch.
    served.answer(3);
    const failed = await selfsup([...streamed, '--data', `${url}/train-{000..001}.tar`, '--name', 'streamed-again'], { cwd });
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringMatching(/train-00[01]\.tar answered status 404; check the address/)]);
    served.answer(Number.POSITIVE_INFINITY);
    const resumed = await selfsup(['train', '--resume', 'runs/streamed-again'], { cwd });
    expect([resumed.stderr, resumed.code]).toEqual(['', 0]);
    expect(await steps('streamed-again')).toEqual(await steps('streamed'));
    expect(await steps('streamed')).toHaveLength(6);
    const disk = await selfsup([...streamed, '--data', 'shards', '--workers', '0', '--name', 'streamed-disk'], { cwd });
    expect([disk.stderr, disk.code]).toEqual(['', 0]);
    expect(await steps('streamed-disk')).toEqual(await steps('streamed'));
  });

  test('gives features in the order of the shards', async () => {
    expect(await embed('--data', `${url}/train-{000..001}.tar`, '--stream', '96')).toEqual(expected);
  });

  test.each([
    [['--data', 'photos', '--stream', '96'], /photos has no \.tar files/],
    [['--stream', '96'], /stream is for shards; give --data/],
    [['--data', 'shards', '--stream', 'all'], /stream is "all", but it must be a number/],
    [['--data', 'shards', '--stream', '0'], /stream is 0; give the images of an epoch/],
    [['--data', 'shards', '--shuffle-buffer', '0'], /shuffleBuffer is 0; give a whole number/],
    [['--data', 'shards', '--stream', '96', '--size', '28', '--classes', '1'], /is a stream, of which no part can be chosen/],
  ])('%j is refused', async (args, sentence) => {
    const { stderr, code } = await selfsup(['train', 'simsiam', ...args, '--name', 'refused'], { cwd });
    expect(stderr).toMatch(sentence);
    expect(code).not.toBe(0);
  });
});

describe('images that cannot be decoded', () => {
  beforeAll(async () => {
    const images = Array.from({ length: 240 }, (_, at) => train.images[at % 96]!);
    const damaged = images.map((image, at) => (at === 17 || at === 230 ? { ...image, png: image.png.subarray(0, 90) } : image));
    await writeShard(join(cwd, 'damaged/train.tar'), { images: damaged });
    await writeShard(join(cwd, 'damaged/test.tar'), { images: images.slice(0, 50) });
    await writeShard(join(cwd, 'streamed-damage/train-000.tar'), { images: damaged.slice(0, 100) });
    await writeShard(join(cwd, 'streamed-damage/train-001.tar'), { images: damaged.slice(100) });
    await writeShard(join(cwd, 'ruined/train.tar'), { images: damaged.slice(0, 60) });
  });

  test('are left out of a training, and named once at its end', async () => {
    const { stdout, stderr, code } = await selfsup(['train', 'simsiam', '--data', 'damaged', '--channels', '1', ...quick, '--name', 'damaged'], { cwd });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain('warning 2 of the 240 images of damaged/train were left out:');
    expect(stdout.match(/warning 2 of the 240 images of damaged\/train were left out:\n {2}00017\.png in .*train\.tar could not be decoded .*\n {2}00230\.png in /g)).toHaveLength(1);
    const judged = await selfsup(['eval', encoder, '--data', 'damaged', '--json'], { cwd });
    expect(judged.stdout.trim().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([
      { type: 'warning', message: expect.stringMatching(/^2 of the 240 images of damaged.train were left out:/) }, expect.objectContaining({ type: 'score' }),
    ]);
  });

  test('are counted once where a stream has them at other places in each epoch', async () => {
    const { stdout, stderr, code } = await selfsup(['train', 'simsiam', '--data', 'streamed-damage', '--stream', '240', '--channels', '1', '--size', '28', '--width', '4', '--batch-size', '32', '--epochs', '5', '--name', 'streamed-damage'], { cwd });
    expect([stderr, code]).toEqual(['', 0]);
    expect(stdout).toMatch(/warning 2 of the 240 images of streamed-damage.* were left out:\n {2}.*\n {2}.*\nEverything/);
    expect(stdout).toContain('00017.png');
    expect(stdout).toContain('00130.png');
  });

  test('are rows of NaN among features', async () => {
    const features = await embed('--data', 'damaged');
    const dim = features.length / 240;
    const missing = Array.from({ length: 240 }, (_, row) => row).filter((row) => features.subarray(row * dim, (row + 1) * dim).every(Number.isNaN));
    expect(missing).toEqual([17, 230]);
    expect(features.filter(Number.isNaN)).toHaveLength(2 * dim);
  });

  test('are an error when told, and when they are more than 1 %', async () => {
    const strict = await selfsup(['train', 'simsiam', '--data', 'damaged', '--on-error', 'fail', '--channels', '1', ...quick, '--name', 'strict'], { cwd });
    expect([strict.code, strict.stderr]).toEqual([1, expect.stringMatching(/00(017|230)\.png in .* could not be decoded/)]);
    const ruined = await selfsup(['train', 'simsiam', '--data', 'ruined', '--channels', '1', ...quick, '--name', 'ruined'], { cwd });
    expect([ruined.code, ruined.stderr]).toEqual([1, expect.stringMatching(/1 of the 60 images of ruined cannot be used, more than 1 %/)]);
  });
});
