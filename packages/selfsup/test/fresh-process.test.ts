import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { convNextTiny, mobileNetV2, resnet50, visionTransformer, wideResNet } from '@selfsup/backbones';
import { saveEncoder } from '@selfsup/train/node';
// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { randomNormal, ready, setBackend } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
  folder = await mkdtemp(join(tmpdir(), 'selfsup-fresh-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A program of its own that knows nothing but the folder: it prints the features of the same images. */
const program = `
import '@tensorflow/tfjs-backend-cpu';
import { randomNormal, ready } from '@tensorflow/tfjs-core';
import { loadEncoder } from '@selfsup/train/node';
import '@selfsup/layers';
await ready();
const encoder = await loadEncoder(process.argv[1]);
const y = encoder.apply(randomNormal([2, 32, 32, 3], 0, 1, 'float32', 1));
process.stdout.write(JSON.stringify([...y.dataSync()]));
`;

async function featuresElsewhere(encoder: string): Promise<number[]> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program, encoder], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  return JSON.parse(stdout) as number[];
}

test.each([
  ['resnet50', resnet50({ width: 1 / 32, dropPath: 0.1 })],
  ['wrn', wideResNet({ depth: 10, width: 1 })],
  ['convnext', convNextTiny({ width: 1 / 24, dropPath: 0.1 })],
  ['mobilenet', mobileNetV2({ width: 0.1 })],
  ['vit', visionTransformer({ dim: 16, depth: 2, heads: 2, patch: 8, positionGrid: 3 })],
  ['vit with sines', visionTransformer({ dim: 16, depth: 2, heads: 2, patch: 8, positions: 'sin-cos', classToken: false })],
])('%s gives the same features in a process that loads it', async (name, spec) => {
  const net = spec.build([32, 32, 3], 3);
  const images = randomNormal([2, 32, 32, 3], 0, 1, 'float32', 1);
  net.apply(images, { training: true });
  await saveEncoder(net, join(folder, name));
  expect(await featuresElsewhere(join(folder, name))).toEqual([...(net.apply(images) as Tensor).dataSync()]);
  net.dispose();
});
