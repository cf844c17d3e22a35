import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeSafetensors, resnet18, smallResNet } from '@selfsup/backbones';
import { importWeights } from '@selfsup/backbones/node';
import { loadEncoder } from '@selfsup/train/node';
import { randomNormal } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { input, layers, model } from '@tensorflow/tfjs-layers';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { writeEncoder } from '../src/encoder-folder.ts';
import type { Preprocessing } from '../src/geometry.ts';
import { selfsup, writeSmallSet } from './cli.ts';

let cwd: string;
const run = (): string => join(cwd, 'runs', 'mine');

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'selfsup-export-'));
  // What a user installs.
  await symlink(fileURLToPath(new URL('../node_modules', import.meta.url)), join(cwd, 'node_modules'), 'dir');
  await writeSmallSet(join(cwd, 'set'), 128, 64);
  const { code, stderr } = await selfsup(['train', 'simsiam', '--data', 'set', '--width', '4', '--batch-size', '64', '--epochs', '1', '--name', 'mine'], { cwd });
  expect(stderr).toBe('');
  expect(code).toBe(0);
});
afterAll(() => rm(cwd, { recursive: true }));

interface FrontMatter {
  readonly license: string;
  readonly tags: string[];
  readonly 'model-index'?: { results: { dataset: { name: string }; metrics: { value: number }[] }[] }[];
  readonly selfsup: Readonly<Record<string, unknown>>;
}

async function cardOf(folder: string): Promise<{ facts: FrontMatter; code: string; text: string }> {
  const text = await readFile(join(folder, 'README.md'), 'utf8');
  const [, front = ''] = /^---\n(.*?)\n---\n/s.exec(text) ?? [];
  const snippets = [...text.matchAll(/^```js\n(.*?)^```$/gms)];
  expect(snippets).toHaveLength(1);
  return { facts: parse(front) as FrontMatter, code: snippets[0]![1]!, text };
}

/** Runs the snippet of a card as it stands, in its folder, and answers what it prints. */
async function runSnippet(folder: string): Promise<string> {
  const { code } = await cardOf(folder);
  const statements = code.split('\n').filter((line) => line !== '' && !line.startsWith('import '));
  expect(statements.length).toBeLessThanOrEqual(5);
  await writeFile(join(folder, 'snippet.mjs'), code);
  const { stdout } = await promisify(execFile)(process.execPath, ['snippet.mjs'], { cwd: folder });
  return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('=') && !/TensorFlow\.js/.test(line)).join('\n').trim();
}

const features = (net: LayersModel, images: Tensor): number[] => [...(net.predict(images) as Tensor).dataSync()];

const formats: readonly [format: string, files: readonly string[]][] = [
  ['tfjs', ['model.json', 'weights.bin']],
  ['safetensors', ['model.safetensors']],
  ['onnx', ['model.onnx']],
];

test.each(formats)('export --to %s leaves the encoder, a card with the facts of its run, and a snippet that runs', async (format, files) => {
  const { code, stdout, stderr } = await selfsup(['export', 'runs/mine', '--to', format, '--json'], { cwd });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const folder = join(run(), `export-${format}`);
  expect(JSON.parse(stdout)).toEqual({ type: 'export', format, out: join('runs', 'mine', `export-${format}`), files: [...files, 'preprocessing.json', 'README.md'] });
  expect((await readdir(folder)).toSorted()).toEqual([...files, 'preprocessing.json', 'README.md'].toSorted());
  expect(await runSnippet(folder)).toBe('[ 2, 16 ]');

  const { facts, text } = await cardOf(folder);
  const { rows } = JSON.parse(await readFile(join(run(), 'results.json'), 'utf8')) as { rows: { name: string; knn: number; linear: number; protocol: string }[] };
  const { knn, linear, protocol } = rows.find(({ name }) => name === 'simsiam')!;
  expect(facts).toMatchObject({ license: 'unknown', tags: ['representation-learning', 'simsiam', format] });
  expect(facts['model-index']![0]!.results[0]!).toMatchObject({ dataset: { name: '64 of t10k-images-idx3-ubyte' }, metrics: [{ value: knn }, { value: linear }] });
  expect(facts.selfsup).toMatchObject({
    data: '128 of train-images-idx3-ubyte in set',
    method: 'simsiam',
    network: 'small-resnet-8-w4',
    epochs: 1,
    batch_size: 64,
    seed: 0,
    image_size: 28,
    channels: 1,
    mean: [0.286],
    std: [0.353],
    versions: { trained_with_selfsup: '0.0.0', exported_with_selfsup: '0.0.0', tensorflow_js: '4.22.0' },
  });
  expect(text).toContain(`| simsiam | ${(100 * knn).toFixed(1)} | ${(100 * linear).toFixed(1)} |`);
  expect(text).toContain(protocol);
  const config = JSON.parse(/^```json\n(.*?)^```$/ms.exec(text)![1]!) as unknown;
  expect(config).toEqual(JSON.parse(await readFile(join(run(), 'config.json'), 'utf8')));
});

test('what is exported gives the features of the encoder', async () => {
  const images = randomNormal([3, 28, 28, 1], 0, 1, 'float32', 1);
  const expected = features(await loadEncoder(join(run(), 'encoder')), images);
  for (const format of ['tfjs', 'safetensors']) await selfsup(['export', 'runs/mine/encoder', '--to', format, '--out', `same-${format}`], { cwd });
  expect(features(await loadEncoder(join(cwd, 'same-tfjs')), images)).toEqual(expected);
  const network = await importWeights(smallResNet({ width: 4 }), join(cwd, 'same-safetensors', 'model.safetensors'));
  expect(features(network.build([28, 28, 1], 5), images)).toEqual(expected);
  await selfsup(['export', 'runs/mine/encoder', '--to', 'onnx', '--out', 'same-onnx'], { cwd });
  const session = await InferenceSession.create(join(cwd, 'same-onnx', 'model.onnx'));
  // One channel lies alike in both orders.
  const answer = await session.run({ images: new OnnxTensor('float32', images.dataSync() as Float32Array, [3, 1, 28, 28]) });
  for (const [i, value] of (answer['features']!.data as Float32Array).entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  const judged = await selfsup(['embed', 'same-tfjs', '--data', 'set'], { cwd });
  expect(judged.stdout).toContain('features.npy: 128 × 16 features');
});

const photo: Preprocessing = { size: 32, channels: 3, resizeShorter: 37, normalize: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } };

test.each(formats)('an encoder that has lost its run, of images in colour, is exported --to %s with what is known', async (format) => {
  const net = resnet18({ width: 1 / 16, output: 'map' }).build([32, 32, 3], 1);
  await writeEncoder(join(cwd, 'photos'), net, photo);
  net.dispose();
  const out = `photos-${format}`;
  const { stdout, stderr } = await selfsup(['export', 'photos', '--to', format, '--out', out, '--license', 'cc-by-4.0'], { cwd });
  expect(stderr).toBe('');
  expect(stdout.trim().split('\n')).toHaveLength(1);
  const { facts, text } = await cardOf(join(cwd, out));
  expect(facts).toMatchObject({ license: 'cc-by-4.0', selfsup: { method: 'unknown', network: 'resnet18x0.0625-map', mean: photo.normalize!.mean } });
  expect(facts['model-index']).toBeUndefined();
  expect(text).toContain('| license | cc-by-4.0 |');
  expect(text).toContain('the shorter side resized to 37, and the middle cut out');
  if (format === 'onnx') {
    const [, map = ''] = /(pixels\.map\(.*\)), \[2, 3/.exec(text) ?? [];
    // oxlint-disable-next-line no-new-func -- the card's own words
    const normalised = new Function('pixels', `return ${map}`) as (pixels: Float32Array) => Float32Array;
    const { mean, std } = photo.normalize!;
    const values = normalised(new Float32Array(2 * 3 * 32 * 32).fill(0.5));
    for (const plane of Array(6).keys()) expect(values[plane * 1024 + 1023]).toBeCloseTo((0.5 - mean[plane % 3]!) / std[plane % 3]!, 5);
  }
  // Which call builds it is not recorded: the snippet says what is in the file.
  const printed = await runSnippet(join(cwd, out));
  if (format === 'safetensors') expect(printed.split('\n')).toContain('layer4.1.bn2.running_var [ 32 ]');
  else expect(printed).toMatch(/^\[ 2, (1, 1, 32|32, 1, 1) \]$/);
});

test('a run of several methods is asked which; weights get the names of timm', async () => {
  const folder = join(cwd, 'runs', 'both');
  const methods = ['simsiam', 'byol'];
  await mkdir(folder, { recursive: true });
  const net = smallResNet({ width: 4 }).build([28, 28, 1], 1);
  for (const method of [...methods, 'stopped']) await writeEncoder(join(folder, `encoder-${method}`), net, { size: 28, channels: 1, resizeShorter: null, normalize: null });
  net.dispose();
  await writeFile(join(folder, 'config.json'), JSON.stringify({ recipes: 'simsiam, byol', encoder: 'small', width: 4, about: { selfsup: '0.0.0' } }));
  const rows = methods.map((name, i) => ({ name, knn: 0.25 * (i + 1), linear: 0.5, protocol: 'p' }));
  await writeFile(join(folder, 'results.json'), JSON.stringify({ rows }));
  const asked = await selfsup(['export', 'runs/both', '--to', 'safetensors'], { cwd });
  expect(asked.code).toBe(2);
  expect(asked.stderr).toMatch(/runs.both holds 3 encoders; give one of runs.both.encoder-byol, runs.both.encoder-simsiam, runs.both.encoder-stopped\./);
  const { code } = await selfsup(['export', join('runs', 'both', 'encoder-byol'), '--to', 'safetensors', '--names', 'timm'], { cwd });
  expect(code).toBe(0);
  const out = join(folder, 'export-byol-safetensors');
  const { facts } = await cardOf(out);
  expect(facts.selfsup).toMatchObject({ method: 'byol', mean: null });
  expect(facts['model-index']![0]!.results[0]!.metrics[0]!.value).toBe(0.5);
  expect(await runSnippet(out)).toBe('[ 2, 16 ]');
  expect((await cardOf(out)).text).not.toContain('was not judged');
  await selfsup(['export', join('runs', 'both', 'encoder-stopped'), '--to', 'tfjs'], { cwd });
  const stopped = await cardOf(join(folder, 'export-stopped-tfjs'));
  expect(stopped.text).toContain('This encoder itself was not judged.');
  expect(stopped.facts['model-index']).toBeUndefined();
  expect(decodeSafetensors(await readFile(join(out, 'model.safetensors'))).tensors.size).toBeGreaterThan(10);
});

test('what cannot be exported leaves nothing behind', async () => {
  const x = input({ shape: [4, 4, 1] });
  const y = layers.prelu({ name: 'slope' }).apply(layers.flatten().apply(x)) as SymbolicTensor;
  await writeEncoder(join(cwd, 'odd'), model({ name: 'odd', inputs: x, outputs: y }), { size: 4, channels: 1, resizeShorter: null, normalize: null });
  const before = await readdir(cwd);
  const attempt = async (...args: string[]): Promise<readonly [number | null, string]> => {
    const { code, stderr } = await selfsup(['export', ...args], { cwd });
    expect(stderr.trim().split('\n')).toHaveLength(1);
    return [code, stderr];
  };
  expect(await attempt('odd', '--to', 'safetensors', '--out', 'new')).toEqual([1, expect.stringContaining('odd has a weight "slope/alpha"')]);
  expect(await attempt('odd', '--to', 'onnx', '--out', 'new')).toEqual([1, expect.stringContaining('The layer "slope" is a PReLU, which cannot be written as ONNX')]);
  expect(await attempt('odd', '--to', 'tfjs', '--out', join('odd', 'model.json', 'new'))).toEqual([1, expect.stringMatching(/new cannot be written .*choose another --out/)]);
  expect(await attempt('odd', '--to', 'tfjs', '--out', 'set')).toEqual([2, expect.stringContaining('set exists already; choose another --out, or move that folder away')]);
  expect(await readdir(cwd)).toEqual(before);
  await mkdir(join(cwd, 'empty'));
  expect((await selfsup(['export', 'odd', '--to', 'tfjs', '--out', 'empty'], { cwd })).code).toBe(0);
  expect(await readdir(join(cwd, 'empty'))).toContain('README.md');
});
