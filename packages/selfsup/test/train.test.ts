import { existsSync } from 'node:fs';
import { appendFile, cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { interruptAfter, jsonLines, selfsup, writeImages, writeSmallSet } from './cli.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'selfsup-train-'));
  await writeSmallSet(join(cwd, 'set'), 256, 64);
});
afterAll(() => rm(cwd, { recursive: true }));

const quick = ['--data', 'set', '--width', '4', '--batch-size', '32'];

test('train leaves config, metrics, results, report and an encoder that eval and embed can use', async () => {
  const { code, stdout, stderr } = await selfsup(['train', 'simsiam', ...quick, '--epochs', '2'], { cwd });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).toMatch(/simsiam {2}epoch 2\/2 {2}step 16\/16 {2}loss -?\d\.\d+ {2}std·√d \d\.\d+ {2}\d+ images\/s {2}ETA 0s( {2}waits for data \d+\.\d %)? {2}kNN \d+\.\d %/);
  const run = join(cwd, 'runs', 'simsiam-small');
  expect((await readdir(run)).toSorted()).toEqual(['config.json', 'encoder', 'metrics.jsonl', 'report.html', 'results.json']);
  const metrics = await jsonLines(join(run, 'metrics.jsonl'));
  expect(metrics.filter(({ type }) => type === 'step')).toHaveLength(16);
  expect(metrics.filter(({ type }) => type === 'epoch')).toHaveLength(2);
  const { rows } = JSON.parse(await readFile(join(run, 'results.json'), 'utf8')) as { rows: { name: string; knn: number }[] };
  expect(rows.map(({ name }) => name)).toEqual(['raw-pixels', 'random-encoder', 'simsiam']);
  expect(await readFile(join(run, 'report.html'), 'utf8')).toContain('<html');

  const judged = await selfsup(['eval', run, '--data', 'set', '--json'], { cwd });
  expect(judged.stderr).toBe('');
  expect(JSON.parse(judged.stdout)).toMatchObject({ type: 'score', knn: rows[2]!.knn });

  const embedded = await selfsup(['embed', join(run, 'encoder'), '--data', 'set', '--split', 'test'], { cwd });
  expect(embedded.stdout).toContain('features.npy: 64 × 16 features');
  const bytes = await readFile(join(cwd, 'features.npy'));
  expect(bytes.subarray(0, 6).toString('latin1')).toBe('\u0093NUMPY');
  expect(bytes.toString('latin1')).toContain("'shape': (64, 16)");
});

test('embed writes over no file and leaves none that is empty, but says first what is wrong with the encoder', async () => {
  const encoder = join(cwd, 'runs', 'simsiam-small');
  await writeFile(join(cwd, 'taken.npy'), 'mine');
  const attempt = async (...args: string[]): Promise<unknown> => {
    const { code, stderr } = await selfsup(['embed', ...args], { cwd });
    return [code, stderr];
  };
  expect(await attempt(encoder, '--output', 'taken.npy')).toEqual([2, expect.stringContaining('taken.npy exists already; choose another --output')]);
  expect(await attempt('nowhere', '--output', 'taken.npy')).toEqual([1, expect.stringContaining('No encoder is in nowhere')]);
  expect(await readFile(join(cwd, 'taken.npy'), 'utf8')).toBe('mine');
  expect(await attempt(encoder, '--output', 'taken.npy/new.npy')).toEqual([1, expect.stringMatching(/new.npy cannot be written .*choose another --output/)]);
  const cut = await selfsup(['embed', encoder, '--output', 'cut.npy', '--threads', '1'], {
    cwd,
    onStart: (child) => {
      const waiting = setInterval(() => {
        if (existsSync(join(cwd, 'cut.npy'))) child.kill('SIGINT');
      }, 20);
      child.on('exit', () => clearInterval(waiting));
    },
  });
  expect([cut.code, cut.stdout]).toEqual([130, '']);
  expect(existsSync(join(cwd, 'cut.npy'))).toBe(false);
});

test('--json prints one object a line and nothing else', async () => {
  const { code, stdout } = await selfsup(['train', 'byol', ...quick, '--epochs', '1', '--json'], { cwd });
  expect(code).toBe(0);
  const records = stdout.trim().split('\n').map((line) => JSON.parse(line) as { type: string });
  expect(records.map(({ type }) => type)).toEqual([...Array<string>(8).fill('step'), 'epoch', 'results']);
});

test('--learning-rate replaces the rate of the preset, and what its schedule does to it stays', async () => {
  const { code, stderr } = await selfsup(['train', 'simsiam', ...quick, '--epochs', '2', '--learning-rate', '0.4', '--name', 'faster'], { cwd });
  expect([stderr, code]).toEqual(['', 0]);
  const rates = (await jsonLines(join(cwd, 'runs/faster/metrics.jsonl'))).filter(({ type }) => type === 'step').map(({ learningRate }) => learningRate);
  expect(rates).toEqual(Array.from({ length: 16 }, (_, step) => expect.closeTo(0.2 * (1 + Math.cos((Math.PI * step) / 16)), 10)));
  expect(JSON.parse(await readFile(join(cwd, 'runs/faster/config.json'), 'utf8'))).toMatchObject({ learningRate: 0.4 });
});

test('the baselines train as the methods do', async () => {
  const { code, stdout } = await selfsup(['train', 'supervised', ...quick, '--epochs', '2'], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/supervised {2}epoch 2\/2 {2}step 16\/16 {2}loss \d\.\d+ {2}accuracy \d+\.\d % {2}\d+ images\/s/);
  expect(await readdir(join(cwd, 'runs', 'supervised-small', 'encoder'))).toContain('model.json');
  const random = await selfsup(['train', 'random', ...quick], { cwd });
  expect(random.stdout).toMatch(/random {2}epoch 1\/1 {2}step 8\/8 {2}loss 0\.0000 {2}std·√d/);
  expect(random.code).toBe(0);
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

test("a run's config.json makes the same run again", async () => {
  const { code } = await selfsup(['train', '--config', join('runs', 'simsiam-small', 'config.json'), '--name', 'again'], { cwd });
  expect(code).toBe(0);
  const losses = async (name: string): Promise<unknown[]> =>
    (await jsonLines(join(cwd, 'runs', name, 'metrics.jsonl'))).map(({ loss, std, knn }) => [loss, std, knn]);
  expect(await losses('again')).toEqual(await losses('simsiam-small'));
  const config = JSON.parse(await readFile(join(cwd, 'runs', 'again', 'config.json'), 'utf8')) as { threads: number; about: { network: string } };
  expect(config).toMatchObject({ recipe: 'simsiam', preset: 'small', data: 'set', width: 4, size: 28, seed: 0, name: 'again', backend: 'wasm' });
  expect(config.threads).toBeGreaterThanOrEqual(1);
  expect(config.about.network).toContain('w4');
});

test('images of a folder without labels are shown in the report, as a map and with their neighbours', async () => {
  await writeImages(join(cwd, 'photos'), Array.from({ length: 24 }, (_, i) => `${i}.png`), 20, 1);
  const { code, stdout } = await selfsup(['train', 'simsiam', '--data', 'photos', '--size', '16', '--batch-size', '8', '--epochs', '2', '--width', '4', '--name', 'photos'], { cwd });
  expect(stdout).toContain('nothing is judged');
  expect(code).toBe(0);
  const report = await readFile(join(cwd, 'runs', 'photos', 'report.html'), 'utf8');
  expect(report).toContain('class="map"');
  expect(report.match(/class="thumb query"/g)).toHaveLength(10);
  // The curve is of every step, and an epoch is counted once.
  expect(report).toContain('"points":[[1,0,');
  expect(report).toMatch(/\[6,1,-?[\d.]+\]\]/);
});

test('an image that cannot be read is left out of training and evaluation, and told once', async () => {
  const names = ['a', 'b'].flatMap((name) => Array.from({ length: 60 }, (_, i) => join(name, `${i}.png`)));
  for (const split of ['train', 'test']) await writeImages(join(cwd, 'damaged', split), names, 8);
  await writeFile(join(cwd, 'damaged', 'train', 'b', '7.png'), 'not an image');
  const { code, stdout, stderr } = await selfsup(['train', 'simsiam', '--data', 'damaged', '--batch-size', '40', '--epochs', '2', '--width', '2', '--name', 'damaged'], { cwd });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout.match(/warning 1 of the 120 images of train were left out:\n.*7\.png/g)).toHaveLength(1);
  expect(stdout).toMatch(/simsiam +\d+\.\d +\d+\.\d/);
});

test('Ctrl-C ends after the current step, with the metrics so far and a usable encoder', async () => {
  const { code, stdout } = await selfsup(['train', 'simsiam', ...quick, '--epochs', '500', '--name', 'stopped'], { cwd, onStart: interruptAfter('epoch 1/') });
  expect(stdout).toMatch(/Stopping after this step or evaluation[^]*Stopped after step (\d+); the encoder as it is now is in/);
  expect(code).toBe(130);
  const run = join(cwd, 'runs', 'stopped');
  const steps = (await jsonLines(join(run, 'metrics.jsonl'))).filter(({ type }) => type === 'step');
  expect(steps.length).toBe(Number(/Stopped after step (\d+)/.exec(stdout)![1]));
  expect(steps.length).toBeGreaterThan(7);
  expect(steps.length).toBeLessThan(100);
  expect((await readdir(run)).toSorted()).toEqual(['checkpoint.safetensors', 'config.json', 'encoder', 'metrics.jsonl', 'report.html', 'results.json']);
  const judged = await selfsup(['eval', run, '--data', 'set', '--json'], { cwd });
  expect(judged.code).toBe(0);
});

test('a training that is resumed ends with the bits of one that ran through', async () => {
  const training = ['train', 'byol', ...quick, '--epochs', '10'];
  const cutOff = await selfsup([...training, '--name', 'cut-off'], { cwd, onStart: interruptAfter('epoch 1/') });
  expect(cutOff.code).toBe(130);
  expect(cutOff.stdout).toContain('selfsup train --resume runs/cut-off goes on');
  const run = join(cwd, 'runs', 'cut-off');
  const stoppedAt = (await jsonLines(join(run, 'metrics.jsonl'))).filter(({ type }) => type === 'step').length;
  expect(stoppedAt).toBeLessThan(80);
  // As a process that is killed leaves it: steps after the checkpoint, and half a line.
  await appendFile(join(run, 'metrics.jsonl'), `{"type":"step","method":"byol","epoch":1,"step":${stoppedAt + 1},"loss":9}\n{"type":"st`);

  const other = await selfsup(['train', '--resume', 'runs/cut-off', '--epochs', '30'], { cwd });
  expect(other.stderr).toMatch(/was started with epochs 10 and cannot go on with 30; leave that option out/);
  expect(other.code).toBe(2);

  const resumed = await selfsup(['train', '--resume', 'runs/cut-off'], { cwd });
  expect(resumed.stderr).toBe('');
  expect(resumed.code).toBe(0);
  const through = await selfsup([...training, '--name', 'through'], { cwd });
  expect(through.code).toBe(0);
  const whole = join(cwd, 'runs', 'through');
  expect((await readdir(run)).toSorted()).toEqual((await readdir(whole)).toSorted());
  expect(await readFile(join(run, 'encoder', 'weights.bin'))).toEqual(await readFile(join(whole, 'encoder', 'weights.bin')));
  const losses = async (folder: string): Promise<unknown[]> =>
    (await jsonLines(join(folder, 'metrics.jsonl'))).filter(({ type }) => type === 'step').map(({ step, loss }) => [step, loss]);
  expect(await losses(run)).toEqual(await losses(whole));
  const epochs = async (folder: string): Promise<unknown[]> =>
    (await jsonLines(join(folder, 'metrics.jsonl'))).filter(({ type }) => type === 'epoch').map(({ epoch, step, loss, std, knn }) => [epoch, step, loss, std, knn]);
  expect(await epochs(run)).toEqual(await epochs(whole));
  expect(await epochs(run)).toHaveLength(10);

  const again = await selfsup(['train', '--resume', 'runs/cut-off'], { cwd });
  expect(again.stderr).toMatch(/There is no .*checkpoint.safetensors: only a run that was cut off after its first epoch/);
  expect(again.code).toBe(2);
});

test('a checkpoint that is damaged is refused, and stays as it is', async () => {
  const run = join(cwd, 'runs', 'stopped');
  const bytes = await readFile(join(run, 'checkpoint.safetensors'));
  await writeFile(join(run, 'checkpoint.safetensors'), bytes.subarray(0, bytes.length / 2));
  const metrics = await readFile(join(run, 'metrics.jsonl'));
  const { code, stderr } = await selfsup(['train', '--resume', 'runs/stopped'], { cwd });
  expect(stderr).toMatch(/checkpoint.safetensors cannot be read .*; the training cannot be resumed/);
  expect(code).toBe(1);
  expect(await readFile(join(run, 'metrics.jsonl'))).toEqual(metrics);
});

test.each([
  ['weights.bin', 'short', /No encoder could be read from .*\(weights.bin has 5 bytes, but model.json declares \d+\)/],
  ['model.json', '{"a":', /No encoder could be read from .*JSON/],
  ['preprocessing.json', 'not\nJSON', /preprocessing.json cannot be read \(.*JSON.*\); it stands beside every encoder that selfsup train writes: copy it from there/],
  ['preprocessing.json', '{"size":28,"channels":-1,"resizeShorter":null,"normalize":null}', /preprocessing.json cannot be read \(it does not say size, channels, /],
])('an encoder whose %s is damaged is refused in a sentence by eval, embed and export', async (file, content, message) => {
  const encoder = join(cwd, 'damaged-encoder');
  await cp(join(cwd, 'runs', 'simsiam-small', 'encoder'), encoder, { recursive: true });
  await writeFile(join(encoder, file), content);
  for (const call of [['eval', encoder, '--data', 'set'], ['embed', encoder, '--data', 'set', '--output', 'none.npy'], ['export', encoder, '--to', 'onnx', '--out', 'none']]) {
    const { code, stderr } = await selfsup(call, { cwd });
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(1);
  }
  expect((await readdir(cwd)).filter((name) => name.startsWith('none'))).toEqual([]);
  await rm(encoder, { recursive: true });
});

test('Ctrl-C twice ends at once', async () => {
  const run = join(cwd, 'runs', 'stopped-at-once');
  const { code, stdout } = await selfsup(['train', 'simsiam', '--epochs', '500', '--name', 'stopped-at-once'], {
    cwd,
    onStart: (child) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('Stopping')) child.kill('SIGINT');
      });
      // The baselines, which it judges next, take seconds.
      const watch = setInterval(() => {
        if (!existsSync(join(run, 'config.json'))) return;
        clearInterval(watch);
        child.kill('SIGINT');
      }, 20);
    },
  });
  expect(stdout).toMatch(/^Stopping after this step or evaluation; press Ctrl-C again to stop at once.\n$/);
  expect(code).toBe(130);
  expect((await readdir(run)).toSorted()).toEqual(['config.json', 'metrics.jsonl']);
});

test('a reader that goes away ends the training as Ctrl-C does', async () => {
  const { code, stderr } = await selfsup(['train', 'simsiam', ...quick, '--epochs', '500', '--name', 'unread'], {
    cwd,
    onStart: (child) => child.stdout?.once('data', () => child.stdout?.destroy()),
  });
  expect(stderr).toBe('');
  expect(code).toBe(130);
  const judged = await selfsup(['eval', join(cwd, 'runs', 'unread', 'encoder'), '--data', 'set', '--json'], { cwd });
  expect(judged.code).toBe(0);
});

test('a loss that is not finite ends the run with a sentence, and keeps what was there before', async () => {
  const simsiam = new URL('../../recipes/dist/simsiam.js', import.meta.url).href;
  const optim = new URL('../../optim/dist/index.js', import.meta.url).href;
  await writeFile(
    join(cwd, 'explode.mjs'),
    `import { simsiamPresets } from '${simsiam}';
     import { sgd } from '${optim}';
     const small = simsiamPresets.find(({ name }) => name === 'small');
     export default { recipe: { ...small, name: 'explode', optimizer: () => sgd({ learningRate: 1e38 }) }, data: 'set', width: 4, batchSize: 32 };`,
  );
  const { code, stdout, stderr } = await selfsup(['train', '--config', 'explode.mjs'], { cwd });
  expect(stderr).toMatch(/^error The loss of simsiam became (NaN|-?Infinity) at step \d+ .*lower the learning rate.*\n$/);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^What there is of this run, up to where it failed, is in runs.explode\.$/m);
  expect(stdout).not.toContain('Everything');
  const run = join(cwd, 'runs', 'explode');
  expect((await jsonLines(join(run, 'metrics.jsonl'))).length).toBeGreaterThan(0);
  const { rows } = JSON.parse(await readFile(join(run, 'results.json'), 'utf8')) as { rows: { name: string }[] };
  expect(rows.map(({ name }) => name)).toEqual(['raw-pixels', 'random-encoder']);
  expect(await readFile(join(run, 'report.html'), 'utf8')).toContain('Loss of simsiam');
  // Broken by the very last step, whose loss was still a number.
  const last = await selfsup(['train', '--config', 'explode.mjs', '--batch-size', '256', '--epochs', '1', '--name', 'last-step'], { cwd });
  expect(last.stderr).toMatch(/^error simsiam diverged in epoch 1: its encoder answers no numbers any more; lower the learning rate.*\n$/);
  expect(last.code).toBe(1);
});
