import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { run } from '../src/program.ts';
import { selfsup, writeImages, writeSmallSet } from './cli.ts';

let cwd: string;
const before = process.cwd();

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'selfsup-usage-'));
  process.chdir(cwd);
  await writeSmallSet('set', 64, 32);
  await mkdir('empty');
  await mkdir(join('runs', 'taken'), { recursive: true });
  await writeFile(join('runs', 'taken', 'notes.txt'), 'mine');
  await writeFile('in-the-way', 'a file');
  await mkdir('broken');
  await writeFile(join('broken', 'train-images-idx3-ubyte'), 'not an idx file at all');
  await writeSmallSet('few', 16, 32);
  await mkdir('damaged');
  await writeFile(join('damaged', 'image.png'), 'not an image');
  await writeFile(join('damaged', 'config.json'), 'not\nJSON');
  await writeImages('one', ['image.png'], 32);
  await writeImages('unlabelled', ['a.png', 'b.png', 'c.png'], 16);
  await writeImages('mixed', ['a.png', 'b.png', 'c.png'], 20, 4);
  for (const [name, text] of Object.entries(configs)) await writeFile(`${name}.mjs`, text);
});
afterAll(async () => {
  process.chdir(before);
  await rm(cwd, { recursive: true });
});

const configs = {
  unknown: 'export default { recipe: "simsiam", epoch: 3 };',
  list: 'export default [1];',
  throws: 'throw new Error("one\\ntwo");',
  text: 'export default { recipe: "simsiam", name: 3 };',
  number: 'export default { recipe: "simsiam", width: "wide" };',
  recipe: 'export default { recipe: { name: "mine" } };',
  network: 'export default { recipe: "simsiam", encoder: {} };',
  both: 'export default { recipe: "simsiam", width: 2, encoder: { name: "mine", build: () => undefined } };',
};

test.each([['--help'], ['help'], ['help', 'train'], ['train', '--help'], ['eval', '--help'], ['embed', '--help'], ['export', '--help'], ['demo', '--help'], ['views', '--help']])(
  'selfsup %s %s explains itself',
  async (...args) => {
    const { code, stdout } = await selfsup(args, { cwd });
    expect(stdout).toContain('Usage:');
    expect(code).toBe(0);
  },
);

const refusals: readonly [string, readonly string[], number, RegExp][] = [
  ['a command that is not there', ['tain'], 2, /There is no command "tain"; choose one of train, /],
  ['an unknown option', ['train', 'byol', '--epoch', '3'], 2, /no option --epoch; did you mean --epochs\? selfsup train --help lists them/],
  ['an unknown option of a letter', ['train', 'byol', '-x'], 2, /no option -x; selfsup train --help/],
  ['an option without its value', ['train', 'byol', '--epochs'], 2, /--epochs is given without a value/],
  ['an option given twice', ['train', 'byol', '--batch-size', '2', '--batch-size', '3'], 2, /--batch-size is given 2 times; give it once/],
  ['a number below 0', ['train', 'byol', '--epochs', '-1'], 2, /--epochs is followed by -1, but nothing here is below 0; see selfsup train --help/],
  ['an argument too many', ['train', 'byol', 'simsiam'], 2, /selfsup train takes no argument "simsiam"/],
  ['an argument too few', ['eval'], 2, /selfsup eval needs the encoder: selfsup eval <encoder>/],
  ['no recipe', ['train'], 2, /Say which recipe to train: byol, simsiam, supervised, random/],
  ['a recipe that is not there', ['train', 'simclr'], 2, /There is no recipe "simclr"; choose one of byol, simsiam/],
  ['a preset that is not there', ['train', 'byol', '--preset', 'huge'], 2, /byol has no preset "huge"; choose one of imagenet-40, /],
  ['an encoder that is not there', ['train', 'byol', '--encoder', 'vgg'], 2, /There is no encoder "vgg"; choose one of small, resnet18/],
  ['a stem that is not there', ['train', 'byol', '--encoder', 'resnet18', '--stem', 'tall'], 2, /The stem "tall" is not known; choose cifar or imagenet/],
  ['a stem for an encoder that has one', ['train', 'byol', '--stem', 'cifar'], 2, /The encoder "small" has no --stem; it takes --width and --stages/],
  ['a backend that is not there', ['train', 'byol', '--backend', 'cuda'], 2, /The backend "cuda" is not known/],
  ['epochs that are not a number', ['train', 'byol', '--epochs', 'many'], 2, /epochs is "many", but it must be a whole number/],
  ['a width that is not a number', ['train', 'byol', '--width', 'wide'], 2, /width is "wide", but it must be a number above 0/],
  ['a width that does not fit in memory', ['train', 'simsiam', '--data', 'set', '--batch-size', '8', '--width', '1e9', '--name', 'new'], 2, /small-resnet.* does not fit in memory \(.*\); give a smaller --width/],
  ['more threads than there are', ['train', 'byol', '--threads', '5000'], 2, /threads is 5000, but it must be at most 1023/],
  ['more rendering threads than there are', ['train', 'byol', '--data', 'set', '--workers', '1000'], 2, /workers is 1000; give a whole number of threads, at most 256/],
  ['a demo with more threads than there are', ['demo', '--threads', '5000'], 2, /threads is 5000, but it must be at most 1023/],
  ['a demo of few images', ['demo', '--data', 'few'], 2, /has 16 images, and the demo takes at least 32, one batch; train on fewer with selfsup train --batch-size/],
  ['a demo in a folder that cannot be made', ['demo', '--data', 'set', '--out', 'in-the-way'], 1, /in-the-way.* cannot be written .*choose another --out/],
  ['a run to resume that is not there', ['train', '--resume', 'nowhere'], 2, /There is no run to resume in nowhere: .*leave --resume out to start one/],
  ['a run to resume of which the settings are damaged', ['train', '--resume', 'damaged'], 2, /There is no run to resume in damaged: .*config.json cannot be read \(.*JSON.*\)/],
  ['an image that cannot be decoded', ['train', 'byol', '--data', 'damaged/image.png'], 1, /image.png could not be decoded/],
  ['views of an image that cannot be decoded', ['views', 'damaged/image.png'], 1, /image.png could not be decoded/],
  ['a name that is a path', ['train', 'byol', '--name', '../x'], 2, /name is "\.\.\/x", but it must be the name of one folder; say with --out where that is/],
  ['a name that is the folder above', ['train', 'byol', '--name', '..'], 2, /name is "\.\.", but it must be the name of one folder/],
  ['a learning rate of nothing', ['train', 'byol', '--learning-rate', '0'], 2, /learningRate is "0", but it must be a number above 0/],
  ['a learning rate where nothing learns', ['train', 'random', '--learning-rate', '0.1'], 2, /random trains no weights, .* leave --learning-rate out/],
  ['an empty name', ['train', 'byol', '--name', ''], 2, /name is "", but it must be a text/],
  ['data that is not there', ['train', 'byol', '--data', 'nowhere'], 1, /nothing at "nowhere"/],
  ['data whose name is a number', ['train', 'byol', '--data', '007'], 1, /nothing at "007"/],
  ['an empty folder', ['train', 'byol', '--data', 'empty'], 1, /empty/],
  ['a file with the wrong magic number', ['train', 'byol', '--data', 'broken'], 1, /broken/],
  ['images of mixed sizes', ['train', 'byol', '--data', 'mixed'], 2, /images of mixed are not all square and of one size; give --size/],
  ['one image', ['train', 'byol', '--data', 'one', '--batch-size', '2', '--name', 'new'], 2, /one has 1 image, fewer than one batch of 2; a training takes at least 2/],
  ['a batch larger than the data', ['train', 'simsiam', '--data', 'set', '--batch-size', '65', '--name', 'new'], 2, /64 images, fewer than one batch of 65; give a --batch-size of at most 64/],
  ['labels that are not there', ['train', 'supervised', '--data', 'unlabelled', '--size', '16', '--batch-size', '2', '--name', 'new'], 2, /This recipe learns from labels, and unlabelled has none/],
  ['a preset for other channels', ['train', 'byol', '--data', 'set', '--preset', 'cifar', '--batch-size', '8', '--name', 'new'], 2, /have 1 channel, but the views of the preset "cifar" have 3; choose a --preset/],
  ['views too small for the encoder', ['train', 'simsiam', '--data', 'set', '--batch-size', '8', '--size', '2', '--name', 'new'], 2, /The encoder cannot be built for views of 2×2 pixels: .*at least 4×4/],
  ['an output folder that exists', ['train', 'simsiam', '--data', 'set', '--batch-size', '8', '--name', 'taken'], 2, /runs.taken exists already; choose another --name/],
  ['an output folder that cannot be made', ['train', 'simsiam', '--data', 'set', '--batch-size', '8', '--out', 'in-the-way'], 1, /in-the-way.* cannot be written .*choose another --out/],
  ['a config file that is not there', ['train', '--config', 'none.mjs'], 2, /The config file none.mjs does not exist/],
  ['a config file that sets something unknown', ['train', '--config', 'unknown.mjs'], 2, /unknown.mjs sets epoch, but known are recipe, /],
  ['a config file that exports a list', ['train', '--config', 'list.mjs'], 2, /list.mjs has no object as its default export/],
  ['a config file that throws', ['train', '--config', 'throws.mjs'], 2, /throws.mjs does not load \(one\)/],
  ['a config file that is no module', ['train', '--config', 'in-the-way'], 2, /in-the-way does not load/],
  ['a number where a text belongs', ['train', '--config', 'text.mjs'], 2, /name is 3, but it must be a text/],
  ['a text where a number belongs', ['train', '--config', 'number.mjs'], 2, /width is "wide"/],
  ['a recipe that is not one', ['train', '--config', 'recipe.mjs'], 2, /The recipe has no function `method`/],
  ['a network that is not one', ['train', '--config', 'network.mjs'], 2, /encoder is neither a name nor a network/],
  ['a width for a network of its own', ['train', '--config', 'both.mjs'], 2, /the encoder is mine, built already/],
  ['an encoder that is not one', ['eval', 'empty'], 1, /No encoder is in empty; give the folder of a run/],
  ['a split that is not there', ['embed', 'empty', '--split', 'val'], 2, /The split "val" is not known/],
  ['no format', ['export', 'empty'], 2, /Say what to export to: --to tfjs, safetensors, onnx/],
  ['a format that is not there', ['export', 'empty', '--to', 'pytorch'], 2, /The format "pytorch" is not known; choose one of tfjs, /],
  ['names that are not there', ['export', 'empty', '--to', 'safetensors', '--names', 'keras'], 2, /The names "keras" are not known; choose torchvision or timm/],
  ['names for a format that has none', ['export', 'empty', '--to', 'tfjs', '--names', 'timm'], 2, /--names is for --to safetensors; leave it out for --to tfjs/],
  ['a license of two lines', ['export', 'empty', '--to', 'tfjs', '--license', 'mit\nor not'], 2, /The license has several lines/],
  ['a run that has no encoder', ['export', 'empty', '--to', 'tfjs'], 1, /No encoder is in empty; give the folder of a run/],
  ['a file that is no encoder', ['embed', 'in-the-way', '--output', 'new.npy'], 1, /No encoder is in in-the-way; give the folder of a run/],
  ['a run that is not there', ['export', 'nowhere', '--to', 'tfjs'], 1, /No encoder is in nowhere/],
  ['an output folder that the system refuses', ['train', 'simsiam', '--data', 'set', '--batch-size', '8', '--out', '/proc/no/such'], 1, /cannot be written .*choose another --out/],
  ['a sheet in a folder that the system refuses', ['views', 'one', '--out', '/proc/no/such'], 1, /cannot be written .*choose another --out/],
];

test.each(refusals)('%s: one sentence and its exit code', async (_, args, code, message) => {
  const written: string[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const answered = await run(args).finally(() => stderr.mockRestore());
  const text = written.join('').trim();
  expect(text).toMatch(message);
  expect(answered).toBe(code);
  expect(text.split('\n')).toHaveLength(1);
});

test('a refused training leaves nothing behind that would be in the way of the next', async () => {
  const { code } = await selfsup(['train', 'simsiam', '--data', 'set', '--batch-size', '65', '--name', 'again'], { cwd });
  expect(code).toBe(2);
  const second = await selfsup(['train', 'simsiam', '--data', 'set', '--batch-size', '65', '--name', 'again'], { cwd });
  expect(second.stderr).toContain('fewer than one batch');
  expect(second.stderr).not.toMatch(/\n\s+at /);
  expect(second.code).toBe(2);
});

test('no command prints the help and is a wrong call', async () => {
  const { code, stdout, stderr } = await selfsup([], { cwd });
  expect(stdout).toContain('Usage:');
  expect(stderr).toBe('');
  expect(code).toBe(2);
});

test('--json tells an error as an object, too', async () => {
  const { code, stdout, stderr } = await selfsup(['train', 'byol', '--data', 'nowhere', '--json'], { cwd });
  expect(JSON.parse(stdout)).toMatchObject({ type: 'error', message: expect.stringContaining('nothing at "nowhere"') as string, exitCode: 1 });
  expect(stderr).toMatch(/^error There is nothing at "nowhere"/);
  expect(code).toBe(1);
});

test('the stack trace is there when asked for', async () => {
  const { stderr } = await selfsup(['train', 'simclr', '--stack'], { cwd });
  expect(stderr).toMatch(/\n\s+at /);
});
