import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensor4d } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { loadEncoder, saveEncoder } from '@selfsup/train/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linearMethod } from '../test/linear-method.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'encoder-'));
});
afterAll(() => rm(folder, { recursive: true }));

const x = tensor4d([0.1, 0.2, 0.3, 0.4], [1, 2, 2, 1]);

test('an encoder comes back with identical features, over one that was there before', async () => {
  const path = join(folder, 'whole');
  for (const seed of [1, 2]) {
    const method = linearMethod(seed);
    await saveEncoder(method.encoder, path);
    const loaded = await loadEncoder(path);
    const features = (loaded.predict(x) as Tensor).dataSync();
    expect(features).toEqual((method.encoder.predict(x) as Tensor).dataSync());
    method.dispose();
    loaded.dispose();
  }
  expect(await readdir(path)).toEqual(['model.json', 'weights.bin']);
});

test('files that are missing, cut short or not a model are refused in one sentence', async () => {
  await expect(loadEncoder(join(folder, 'nowhere'))).rejects.toThrow(/No encoder could be read from .*nowhere .*give the folder/);
  const path = join(folder, 'broken');
  const method = linearMethod(1);
  await saveEncoder(method.encoder, path);
  method.dispose();
  await truncate(join(path, 'weights.bin'), 12);
  await expect(loadEncoder(path)).rejects.toThrow('weights.bin has 12 bytes, but model.json declares 60');
  const model = JSON.parse(await readFile(join(path, 'model.json'), 'utf8')) as { weightsManifest: { paths: string[] }[] };
  model.weightsManifest[0]!.paths = ['../../../etc/passwd'];
  await writeFile(join(path, 'model.json'), JSON.stringify(model));
  await expect(loadEncoder(path)).rejects.toThrow('weights.bin has 12 bytes');
  await writeFile(join(path, 'model.json'), '{');
  await expect(loadEncoder(path)).rejects.toMatchObject({ code: 'unreadable-encoder' });
});

test('a folder that cannot be written is named', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'in the way');
  const method = linearMethod(1);
  await expect(saveEncoder(method.encoder, join(path, 'encoder'))).rejects.toThrow(/could not be written to .*choose a folder/);
  method.dispose();
});
