import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfsup, writeSmallSet } from './cli.ts';
import { writeStandIn } from './tensorflow-stand-in.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'selfsup-backends-'));
  await writeSmallSet(join(cwd, 'labelled'), 64, 32);
  // Without labels nothing is judged, which is not what this is about.
  await mkdir(join(cwd, 'set'));
  await copyFile(join(cwd, 'labelled', 'train-images-idx3-ubyte'), join(cwd, 'set', 'train-images-idx3-ubyte'));
});
afterAll(() => rm(cwd, { recursive: true }));

const quick = ['--data', 'set', '--width', '4', '--size', '12', '--batch-size', '32', '--epochs', '1', '--threads', '1'];

interface Step {
  readonly type: string;
  readonly loss: number;
}

/** The losses of a training's steps. */
async function losses(recipe: string, backend: string): Promise<readonly number[]> {
  const name = `${recipe}-${backend}`;
  const { code, stderr } = await selfsup(['train', recipe, ...quick, '--backend', backend, '--name', name], { cwd });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const config = JSON.parse(await readFile(join(cwd, 'runs', name, 'config.json'), 'utf8')) as { backend: string };
  expect(config.backend).toBe(backend);
  const lines = (await readFile(join(cwd, 'runs', name, 'metrics.jsonl'), 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Step).filter(({ type }) => type === 'step').map(({ loss }) => loss);
}

test.each(['byol', 'simsiam'])('a whole run of %s needs no kernel that tfjs-node does not have, and agrees with the wasm backend', async (recipe) => {
  await writeStandIn(join(cwd, 'node_modules'));
  const [wasm, node] = [await losses(recipe, 'wasm'), await losses(recipe, 'node')];
  expect(node).toHaveLength(2);
  node.forEach((loss, step) => expect(Math.abs(loss - wasm[step]!)).toBeLessThan(1e-3));
});

test('a backend that is not there is one sentence', async () => {
  const { code, stderr } = await selfsup(['train', 'byol', '--backend', 'node-gpu'], { cwd });
  expect(stderr.trim()).toMatch(/^error The backend node-gpu needs @tensorflow\/tfjs-node-gpu, which is not installed: npm install/);
  expect(code).toBe(1);
});
