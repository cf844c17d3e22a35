import { appendFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { interruptAfter, jsonLines, selfsup, writeSmallSet } from './cli.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'selfsup-demo-'));
  await writeSmallSet(join(cwd, 'set'), 256, 64);
});
afterAll(() => rm(cwd, { recursive: true }));

const tiny = ['demo', '--data', 'set', '--width', '4', '--epochs', '5'];
const whole = async (): Promise<string> => {
  if (!(await readdir(cwd)).includes('through')) expect((await selfsup([...tiny, '--out', 'through'], { cwd })).code).toBe(0);
  return join(cwd, 'through', 'demo');
};

const files = ['config.json', 'encoder-byol', 'encoder-simsiam', 'metrics.jsonl', 'report.html', 'results.json'];

/** What of a run does not depend on how fast it was. */
async function outcome(run: string): Promise<unknown> {
  const weights = async (name: string): Promise<string> => (await readFile(join(run, `encoder-${name}`, 'weights.bin'))).toString('base64');
  const records = await jsonLines(join(run, 'metrics.jsonl'));
  const { rows } = JSON.parse(await readFile(join(run, 'results.json'), 'utf8')) as { rows: unknown };
  return {
    weights: [await weights('simsiam'), await weights('byol')],
    steps: records.filter(({ type }) => type === 'step').map(({ method, step, loss }) => [method, step, loss]),
    epochs: records.filter(({ type }) => type === 'epoch').map(({ method, epoch, knn }) => [method, epoch, knn]),
    rows,
  };
}

test('the demo leaves config, metrics, both encoders, the table and a report', async () => {
  const run = await whole();
  expect((await readdir(run)).toSorted()).toEqual(files);
  const config = JSON.parse(await readFile(join(run, 'config.json'), 'utf8')) as object;
  expect(config).toMatchObject({ widths: [4, 8, 16], block: 'bottleneck', stride: 2, poolTo: 2, size: 28, viewSize: 24 });
  const { rows } = JSON.parse(await readFile(join(run, 'results.json'), 'utf8')) as { rows: { name: string }[] };
  expect(rows.map(({ name }) => name)).toEqual(['raw-pixels', 'random-encoder', 'simsiam', 'byol']);
});

test('a demo that is cut off in either method and resumed ends with the bits of one that ran through', async () => {
  const run = join(cwd, 'cut', 'demo');
  for (const [method, args] of [['simsiam', tiny], ['byol', ['demo', '--resume']]] as const) {
    const { code, stdout } = await selfsup([...args, '--out', 'cut'], { cwd, onStart: interruptAfter(`${method}  epoch ${method === 'byol' ? 1 : 2}/`) });
    expect(stdout).toMatch(/Stopped after step \d+; the encoder as it is now is in .*; the same command with --resume goes on\./);
    expect(code).toBe(130);
    expect(await readdir(run)).toContain(`encoder-${method}`);
    // As a process that is killed leaves it: steps after the checkpoint, and half a line.
    await appendFile(join(run, 'metrics.jsonl'), `{"type":"step","method":"${method}","epoch":5,"step":39,"loss":9}\n{"type":"st`);
  }
  const resumed = await selfsup(['demo', '--resume', '--out', 'cut'], { cwd });
  expect(resumed.stderr).toBe('');
  expect(resumed.code).toBe(0);
  expect(resumed.stdout).not.toMatch(/simsiam {2}epoch|byol {2}epoch 1\//);
  expect((await readdir(run)).toSorted()).toEqual(files);
  expect(await outcome(run)).toEqual(await outcome(await whole()));
});

test('a demo cannot be resumed where there is none, when it has ended, or with other settings', async () => {
  const nothing = await selfsup(['demo', '--resume', '--out', 'nowhere'], { cwd });
  expect(nothing.stderr).toMatch(/^error There is no run to resume in nowhere.demo: .*leave --resume out to start one.\n$/);
  expect(nothing.code).toBe(2);
  await whole();
  const ended = await selfsup([...tiny, '--out', 'through', '--resume'], { cwd });
  expect(ended.stderr).toMatch(/^error There is no through.demo.checkpoint-simsiam.safetensors: only a run that was cut off .*\n$/);
  expect(ended.code).toBe(2);
  const other = await selfsup(['demo', '--out', 'through', '--resume', '--epochs', '6'], { cwd });
  expect(other.stderr).toMatch(/^error through.demo was started with epochs 5 and cannot go on with 6; leave that option out.\n$/);
  expect(other.code).toBe(2);
});
