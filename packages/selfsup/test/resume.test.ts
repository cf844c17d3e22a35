import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { interruptAfter, jsonLines, selfsup, writeSmallSet } from './cli.ts';
import { serve, smallSet, writeFolder, writeJpegs, writeParquet, writeShard } from './sets.ts';
import type { Served } from './sets.ts';

let cwd: string;
let served: Served;
/** How each set is named on the command line. */
let sets: Readonly<Record<string, readonly string[]>>;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'selfsup-resume-'));
  const { images } = await smallSet(0, 240);
  // Cut short, and no bytes at all.
  const train = { images: images.map((image, at) => (at === 17 || at === 201 ? { ...image, png: image.png.subarray(0, at === 17 ? 90 : 0) } : image)) };
  const held = await smallSet(240, 40);
  await writeFolder(join(cwd, 'photos/train'), train);
  await writeFolder(join(cwd, 'photos/test'), held);
  await writeParquet(join(cwd, 'table/train-00000-of-00001.parquet'), train);
  await writeParquet(join(cwd, 'table/test-00000-of-00001.parquet'), held);
  await writeShard(join(cwd, 'shards/train-000.tar'), { images: train.images.slice(0, 130) });
  await writeShard(join(cwd, 'shards/train-001.tar'), { images: train.images.slice(130) });
  await writeShard(join(cwd, 'shards/test.tar'), held);
  const names = ['train-000.tar', 'train-001.tar', 'test.tar'];
  served = await serve(Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(cwd, 'shards', name))] as const))));
  sets = {
    photos: ['--data', 'photos'],
    table: ['--data', 'table'],
    shards: ['--data', `${served.url}/train-{000..001}.tar`, '--test-data', `${served.url}/test.tar`],
  };
});
afterAll(async () => {
  served.server.close();
  await rm(cwd, { recursive: true });
});

/** What of a run does not depend on how fast it was. */
async function outcome(name: string): Promise<unknown> {
  const run = join(cwd, 'runs', name);
  const records = await jsonLines(join(run, 'metrics.jsonl'));
  const { rows } = JSON.parse(await readFile(join(run, 'results.json'), 'utf8')) as { rows: unknown };
  return {
    weights: (await readFile(join(run, 'encoder/weights.bin'))).toString('base64'),
    records: records.map(({ imagesPerSecond: _, secondsWaited: __, waitedForData: ___, ...record }) => record),
    rows,
  };
}

test.each(['photos', 'table', 'shards'])('with damaged images and worker threads, %s is resumed twice to the bits of a training that ran through', async (set) => {
  const training = ['train', 'simsiam', ...sets[set]!, '--channels', '1', '--width', '4', '--batch-size', '24', '--epochs', '3', '--workers', '2'];
  const cutOff = await selfsup([...training, '--json', '--name', `${set}-cut`], { cwd, onStart: interruptAfter('"step":3,') });
  expect([cutOff.stderr, cutOff.code]).toEqual(['', 130]);
  const again = await selfsup(['train', '--resume', `runs/${set}-cut`, '--json'], { cwd, onStart: interruptAfter('"step":14,') });
  expect([again.stderr, again.code]).toEqual(['', 130]);
  // Without threads, and without pixels that are kept: both may change.
  const resumed = await selfsup(['train', '--resume', `runs/${set}-cut`, '--workers', '0', '--cache', '0'], { cwd });
  expect([resumed.stderr, resumed.code]).toEqual(['', 0]);
  expect(resumed.stdout).toMatch(/warning 2 of the 240 images of .+ were left out:\n.+ could not be decoded \(.+\n.+ could not be decoded \(it is empty\).+\n\n/);
  const through = await selfsup([...training, '--name', set], { cwd });
  expect([through.stderr, through.code]).toEqual(['', 0]);
  expect(await outcome(`${set}-cut`)).toEqual(await outcome(set));
});

test('a training whose server goes away is resumed from its last epoch to the same bits', async () => {
  const training = ['train', 'simsiam', ...sets['shards']!, '--channels', '1', '--width', '4', '--batch-size', '24', '--epochs', '3', '--cache', '0'];
  const failed = await selfsup([...training, '--json', '--name', 'shards-lost'], {
    cwd,
    onStart: (child) => child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('"type":"epoch"')) served.answer(40);
    }),
  });
  expect([failed.stderr, failed.code]).toEqual([expect.stringMatching(/^error \S+\.tar answered status 404; check the address.*\n$/), 1]);
  served.answer(Number.POSITIVE_INFINITY);
  const resumed = await selfsup(['train', '--resume', 'runs/shards-lost'], { cwd });
  expect([resumed.stderr, resumed.code]).toEqual(['', 0]);
  expect(await outcome('shards-lost')).toEqual(await outcome('shards'));
});

test('an interruption at the last step of an epoch leaves its record, and at the last of all a whole run', async () => {
  await writeSmallSet(join(cwd, 'digits'), 128, 40);
  // Presses Ctrl-C itself, at the steps that a file names.
  await writeFile(
    join(cwd, 'stops.mjs'),
    `import { existsSync, readFileSync } from 'node:fs';
     import { simsiamPresets } from '${new URL('../../recipes/dist/simsiam.js', import.meta.url).href}';
     const small = simsiamPresets.find(({ name }) => name === 'small');
     const method = (input) => {
       const inner = small.method(input);
       const afterStep = (at) => {
         inner.afterStep?.(at);
         if (existsSync('stop-at') && readFileSync('stop-at', 'utf8').split(' ').includes(String(at.step))) process.kill(process.pid, 'SIGINT');
       };
       return { ...inner, afterStep };
     };
     export default { recipe: { ...small, name: 'stops', method }, data: 'digits', width: 4, batchSize: 32, epochs: 3 };`,
  );
  const training = ['train', '--config', 'stops.mjs'];
  const through = await selfsup([...training, '--name', 'digits'], { cwd });
  expect([through.stderr, through.code]).toEqual(['', 0]);
  await writeFile(join(cwd, 'stop-at'), '3 11');
  const cutOff = await selfsup([...training, '--name', 'digits-cut'], { cwd });
  expect([cutOff.stderr, cutOff.code]).toEqual(['', 130]);
  expect(cutOff.stdout).toContain('Stopped after step 4;');
  const epochs = (await jsonLines(join(cwd, 'runs/digits-cut/metrics.jsonl'))).filter(({ type }) => type === 'epoch');
  expect(epochs).toMatchObject([{ epoch: 1, step: 4, knn: expect.any(Number) }]);
  const resumed = await selfsup([...training, '--resume', 'runs/digits-cut'], { cwd });
  expect([resumed.stderr, resumed.code]).toEqual(['', 0]);
  expect(await outcome('digits-cut')).toEqual(await outcome('digits'));
});

test('a run that names no decoder of JPEGs goes on with the exact one, which it had', async () => {
  await writeJpegs(join(cwd, 'jpegs'), await smallSet(0, 64));
  const training = ['train', 'simsiam', '--data', 'jpegs', '--jpeg', 'exact', '--width', '4', '--batch-size', '16', '--epochs', '4'];
  const cutOff = await selfsup([...training, '--json', '--name', 'old'], { cwd, onStart: interruptAfter('"step":3,') });
  expect([cutOff.stderr, cutOff.code]).toEqual(['', 130]);
  const file = join(cwd, 'runs/old/config.json');
  const { jpeg: _, ...config } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  await writeFile(file, JSON.stringify(config));
  const fast = await selfsup(['train', '--resume', 'runs/old', '--jpeg', 'fast'], { cwd });
  expect([fast.code, fast.stderr]).toEqual([2, 'error runs/old was started with jpeg "exact" and cannot go on with "fast"; leave that option out.\n']);
  const part = await selfsup(['train', '--resume', 'runs/old', '--fraction', '0.5'], { cwd });
  expect([part.code, part.stderr]).toEqual([2, expect.stringMatching(/was started without fraction and cannot go on with "0.5"; leave that option out\.\n$/)]);
  const resumed = await selfsup(['train', '--resume', 'runs/old'], { cwd });
  expect([resumed.stderr, resumed.code]).toEqual(['', 0]);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ jpeg: 'exact' });
  const through = await selfsup([...training, '--name', 'exact'], { cwd });
  expect([through.stderr, through.code]).toEqual(['', 0]);
  expect(await outcome('old')).toEqual(await outcome('exact'));
});
