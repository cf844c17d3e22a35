import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfsup, writeSmallSet } from './cli.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'selfsup-train-'));
  await writeSmallSet(join(cwd, 'set'), 256, 64);
});
afterAll(() => rm(cwd, { recursive: true }));

const quick = ['--data', 'set', '--width', '4', '--batch-size', '32'];

async function jsonLines(path: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, 'utf8');
  return text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('train leaves config, metrics, results, report and an encoder that eval and embed can use', async () => {
  const { code, stdout, stderr } = await selfsup(['train', 'simsiam', ...quick, '--epochs', '2'], { cwd });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/simsiam {2}epoch 2\/2 {2}step 16\/16 {2}loss -?\d\.\d+ {2}std·√d \d\.\d+ {2}\d+ images\/s {2}ETA 0s {2}kNN \d+\.\d %/);
  const run = join(cwd, 'runs', 'simsiam-small');
  expect((await readdir(run)).toSorted()).toEqual(['config.json', 'encoder', 'metrics.jsonl', 'report.html', 'results.json']);
  const metrics = await jsonLines(join(run, 'metrics.jsonl'));
  expect(metrics.filter(({ type }) => type === 'step')).toHaveLength(16);
  expect(metrics.filter(({ type }) => type === 'epoch')).toHaveLength(2);
  const { rows } = JSON.parse(await readFile(join(run, 'results.json'), 'utf8')) as { rows: { name: string; knn: number }[] };
  expect(rows.map(({ name }) => name)).toEqual(['raw-pixels', 'random-encoder', 'simsiam']);
  expect(await readFile(join(run, 'report.html'), 'utf8')).toContain('<html');

  const judged = await selfsup(['eval', join(run, 'encoder'), '--data', 'set', '--json'], { cwd });
  expect(judged.stderr).toBe('');
  expect(JSON.parse(judged.stdout)).toMatchObject({ type: 'score', knn: rows[2]!.knn });

  const embedded = await selfsup(['embed', join(run, 'encoder'), '--data', 'set', '--split', 'test'], { cwd });
  expect(embedded.stdout).toContain('features.npy: 64 × 16 features');
  const bytes = await readFile(join(cwd, 'features.npy'));
  expect(bytes.subarray(0, 6).toString('latin1')).toBe('\u0093NUMPY');
  expect(bytes.toString('latin1')).toContain("'shape': (64, 16)");
});

test('--json prints one object a line and nothing else', async () => {
  const { code, stdout } = await selfsup(['train', 'byol', ...quick, '--epochs', '1', '--json'], { cwd });
  expect(code).toBe(0);
  const records = stdout.trim().split('\n').map((line) => JSON.parse(line) as { type: string });
  expect(records.map(({ type }) => type)).toEqual([...Array<string>(8).fill('step'), 'epoch', 'results']);
});

test('the baselines train as the methods do; the supervised one needs labels', async () => {
  const { code, stdout } = await selfsup(['train', 'supervised', ...quick, '--epochs', '2'], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/supervised {2}epoch 2\/2 {2}step 16\/16 {2}loss \d\.\d+ {2}accuracy \d+\.\d % {2}\d+ images\/s/);
  expect(await readdir(join(cwd, 'runs', 'supervised-small', 'encoder'))).toContain('model.json');
  const random = await selfsup(['train', 'random', ...quick], { cwd });
  expect(random.stdout).toMatch(/random {2}epoch 1\/1 {2}step 8\/8 {2}loss 0\.0000 {2}std·√d/);
  expect(random.code).toBe(0);

  await mkdir(join(cwd, 'unlabelled'));
  await copyFile(join(cwd, 'set', 'train-images-idx3-ubyte'), join(cwd, 'unlabelled', 'train-images-idx3-ubyte'));
  const refused = await selfsup(['train', 'supervised', '--data', 'unlabelled', '--name', 'unlabelled'], { cwd });
  expect(refused.stderr).toMatch(/supervised learns from labels, but was given none; give it images that have labels/);
  expect(refused.code).toBe(2);
});

test('a config file can bring a recipe of its own', async () => {
  const simsiam = new URL('../../recipes/dist/simsiam.js', import.meta.url).href;
  await writeFile(
    join(cwd, 'selfsup.config.mjs'),
    `import { simsiamPresets } from '${simsiam}';
     const small = simsiamPresets.find(({ name }) => name === 'small');
     export default { recipe: { ...small, name: 'mine' }, data: 'set', width: 4, epochs: 1, batchSize: 64, name: 'mine' };`,
  );
  const { code, stderr } = await selfsup(['train', '--batch-size', '128'], { cwd });
  await rm(join(cwd, 'selfsup.config.mjs'));
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const config = JSON.parse(await readFile(join(cwd, 'runs', 'mine', 'config.json'), 'utf8')) as Record<string, unknown>;
  expect(config).toMatchObject({ recipe: 'mine', batchSize: 128, epochs: 1 });
});

test('Ctrl-C ends after the current step, with the metrics so far and a usable encoder', async () => {
  const { code, stdout } = await selfsup(['train', 'simsiam', ...quick, '--epochs', '500', '--name', 'stopped'], {
    cwd,
    onStart: (child) => {
      let sent = false;
      child.stdout?.on('data', (chunk: Buffer) => {
        if (sent || !chunk.toString().includes('epoch 1/500')) return;
        sent = true;
        child.kill('SIGINT');
      });
    },
  });
  expect(stdout).toContain('Stopping after this step');
  expect(code).toBe(130);
  const run = join(cwd, 'runs', 'stopped');
  const steps = (await jsonLines(join(run, 'metrics.jsonl'))).filter(({ type }) => type === 'step');
  expect(steps.length).toBeGreaterThan(7);
  expect(steps.length).toBeLessThan(100);
  const judged = await selfsup(['eval', join(run, 'encoder'), '--data', 'set', '--json'], { cwd });
  expect(judged.code).toBe(0);
});

test('a loss that is not finite ends the run with a sentence, and keeps what was written', async () => {
  const simsiam = new URL('../../recipes/dist/simsiam.js', import.meta.url).href;
  const optim = new URL('../../optim/dist/index.js', import.meta.url).href;
  await writeFile(
    join(cwd, 'explode.mjs'),
    `import { simsiamPresets } from '${simsiam}';
     import { sgd } from '${optim}';
     const small = simsiamPresets.find(({ name }) => name === 'small');
     export default { recipe: { ...small, name: 'explode', optimizer: () => sgd({ learningRate: 1e38 }) }, data: 'set', width: 4, batchSize: 32, name: 'explode' };`,
  );
  const { code, stderr } = await selfsup(['train', '--config', 'explode.mjs'], { cwd });
  expect(stderr).toMatch(/The loss of simsiam became (NaN|-?Infinity) at step \d+ .*lower the learning rate/);
  expect(code).toBe(1);
  expect((await jsonLines(join(cwd, 'runs', 'explode', 'metrics.jsonl'))).length).toBeGreaterThan(0);
});
