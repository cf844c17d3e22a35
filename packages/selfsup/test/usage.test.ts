import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfsup, writeSmallSet } from './cli.ts';

let cwd: string;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'selfsup-usage-'));
  await writeSmallSet(join(cwd, 'set'), 64, 32);
  await mkdir(join(cwd, 'empty'));
  await mkdir(join(cwd, 'runs', 'taken'), { recursive: true });
  await writeFile(join(cwd, 'runs', 'taken', 'notes.txt'), 'mine');
  await writeFile(join(cwd, 'in-the-way'), 'a file');
  await writeFile(join(cwd, 'bad.config.mjs'), 'export default { recipe: "simsiam", epoch: 3 };');
  await mkdir(join(cwd, 'broken'));
  await writeFile(join(cwd, 'broken', 'train-images-idx3-ubyte'), 'not an idx file at all');
});
afterAll(() => rm(cwd, { recursive: true }));

test.each([['--help'], ['train', '--help'], ['eval', '--help'], ['embed', '--help'], ['demo', '--help']])(
  'selfsup %s %s explains itself',
  async (...args) => {
    const { code, stdout } = await selfsup(args, { cwd });
    expect(stdout).toContain('Usage:');
    expect(code).toBe(0);
  },
);

const refusals: readonly [string, readonly string[], number, RegExp][] = [
  ['no command', [], 2, /^$/],
  ['a command that is not there', ['tain'], 2, /There is no command "tain"; choose one of train, /],
  ['no recipe', ['train'], 2, /Say which recipe to train: byol, simsiam, supervised, random/],
  ['a recipe that is not there', ['train', 'simclr'], 2, /There is no recipe "simclr"; choose one of byol, simsiam/],
  ['a preset that is not there', ['train', 'byol', '--preset', 'huge'], 2, /byol has no preset "huge"; choose one of imagenet-40, /],
  ['an encoder that is not there', ['train', 'byol', '--encoder', 'vgg'], 2, /There is no encoder "vgg"; choose one of small, resnet18/],
  ['a backend that is not there', ['train', 'byol', '--backend', 'cuda'], 2, /The backend "cuda" is not known/],
  ['an unknown option', ['train', 'byol', '--epoch', '3'], 2, /Unknown option `--epoch`/],
  ['epochs that are not a number', ['train', 'byol', '--epochs', 'many'], 2, /epochs is "many", but it must be a whole number/],
  ['data that is not there', ['train', 'byol', '--data', 'nowhere'], 1, /nowhere/],
  ['an empty folder', ['train', 'byol', '--data', 'empty'], 1, /empty/],
  ['a file with the wrong magic number', ['train', 'byol', '--data', 'broken'], 1, /broken/],
  ['a batch larger than the data', ['train', 'simsiam', '--data', 'set', '--batch-size', '65', '--name', 'large'], 2, /64 image\(s\), fewer than one batch of 65/],
  ['an output folder that exists', ['train', 'simsiam', '--data', 'set', '--name', 'taken'], 2, /runs.taken exists already; choose another --name/],
  ['an output folder that cannot be made', ['train', 'simsiam', '--data', 'set', '--out', 'in-the-way'], 1, /in-the-way.* cannot be written .*choose another --out/],
  ['a config file that is not there', ['train', '--config', 'none.mjs'], 2, /The config file none.mjs does not exist/],
  ['a config file that sets something unknown', ['train', '--config', 'bad.config.mjs'], 2, /bad.config.mjs sets epoch, but known are recipe, /],
  ['an encoder that is not one', ['eval', 'empty'], 1, /No encoder could be read from empty/],
  ['a split that is not there', ['embed', 'empty', '--split', 'val'], 2, /The split "val" is not known/],
];

test.each(refusals)('%s: one sentence and its exit code', async (_, args, code, message) => {
  const outcome = await selfsup(args, { cwd });
  expect(outcome.stderr.trim()).toMatch(message);
  expect(outcome.code).toBe(code);
  expect(outcome.stderr).not.toMatch(/\n\s+at /);
  expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
});

test('the stack trace is there when asked for', async () => {
  const { stderr } = await selfsup(['train', 'simclr', '--stack'], { cwd });
  expect(stderr).toMatch(/\n\s+at /);
});
