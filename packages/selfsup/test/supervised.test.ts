import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { selfsup } from './cli.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'selfsup-supervised-'));
  await mkdir(join(cwd, 'cifar'));
  for (const name of [1, 2, 3, 4, 5].map((i) => `data_batch_${i}`)) await writeFile(join(cwd, 'cifar', `${name}.bin`), stripes(40, name.length));
  await writeFile(join(cwd, 'cifar', 'test_batch.bin'), stripes(60, 99));
});
afterAll(() => rm(cwd, { recursive: true }));

/** Records of CIFAR-10's binary files: a label, then 32×32 pixels of red, green and blue. The label is the direction and the width of stripes. */
function stripes(count: number, seed: number): Buffer {
  let state = seed;
  const draw = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  const bytes: number[] = [];
  for (let i = 0; i < count; i++) {
    const label = i % 4;
    const [shift, period] = [Math.floor(draw() * 8), label < 2 ? 4 : 8];
    bytes.push(label);
    for (let channel = 0; channel < 3; channel++) {
      for (let y = 0; y < 32; y++) {
        for (let x = 0; x < 32; x++) {
          const along = (label % 2 === 0 ? x : y) + shift;
          bytes.push((Math.floor(along / (period / 2)) % 2) * 120 + Math.floor(draw() * 100));
        }
      }
    }
  }
  return Buffer.from(bytes);
}

interface Row {
  readonly name: string;
  readonly knn: number;
  readonly linear: number;
}

test('selfsup train supervised learns from the labels of CIFAR binaries what a random encoder does not see', async () => {
  const options = ['--data', 'cifar', '--preset', 'cifar', '--width', '8', '--epochs', '8', '--batch-size', '20', '--threads', '1', '--name', 'labels'];
  const { code, stderr } = await selfsup(['train', 'supervised', ...options], { cwd });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  const { rows } = JSON.parse(await readFile(join(cwd, 'runs', 'labels', 'results.json'), 'utf8')) as { rows: readonly Row[] };
  expect(rows.map(({ name }) => name)).toEqual(['raw-pixels', 'random-encoder', 'supervised']);
  const [, random, supervised] = rows;
  expect(supervised!.knn).toBeGreaterThan(0.9);
  expect(supervised!.knn).toBeGreaterThan(random!.knn);
});
