import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { adviceFor } from './advice.ts';
import { describeDiagnosis } from './describe.ts';
import type { Diagnosis } from './describe.ts';
import { inspectFastJpeg, inspectImages } from './images.ts';
import { coreLimit, inspectMachine } from './machine.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'selfsup-machine-'));
});
afterAll(() => rm(folder, { recursive: true }));

const healthy: Omit<Diagnosis, 'advice'> = {
  versions: { selfsup: '1.0.0', node: '24.0.0', v8: '13', tfjs: '4.22.0' },
  system: { os: 'Linux 6', arch: 'x64', cpu: 'A processor', cores: 8, coreLimit: null },
  memory: { total: 2 ** 35, free: 2 ** 34, limit: null, nodeHeap: 2 ** 32, wasmHeap: 2 ** 32 },
  backend: 'wasm',
  backends: [
    { name: 'node', usable: false, reason: 'The backend node needs a package.' },
    { name: 'wasm', usable: true },
  ],
  wasm: { threads: 8, simd: true, relaxed: true, wide: true, workersReady: 7 },
  images: { usable: true, sharp: '0.35.5', libvips: '8', formats: ['JPEG', 'PNG'] },
  fastJpeg: { usable: true },
  benchmark: {
    matMul: { size: 512, gflops: 123.4 },
    step: { method: 'simsiam', encoder: 'resnet18-cifar', image: [32, 32, 3], batchSize: 16, steps: 2, imagesPerSecond: 45.6 },
    seconds: 1,
  },
};

describe('what a container grants of the processors', () => {
  test.each([
    ['two cores and a half', { 'cpu.max': '250000 100000\n' }, 2.5],
    ['all, in version 2', { 'cpu.max': 'max 100000\n' }, null],
    ['half a core, in version 1', { 'cpu/cpu.cfs_quota_us': '50000\n', 'cpu/cpu.cfs_period_us': '100000\n' }, 0.5],
    ['all, in version 1', { 'cpu/cpu.cfs_quota_us': '-1\n', 'cpu/cpu.cfs_period_us': '100000\n' }, null],
    ['what nothing says', {}, null],
  ])('%s', async (name, files, expected) => {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name, file)), { recursive: true });
      await writeFile(join(folder, name, file), text);
    }
    expect(coreLimit(join(folder, name))).toBe(expected);
  });
});

test('this machine has processors, memory, and limits of both heaps', () => {
  const { versions, system, memory } = inspectMachine();
  expect(versions.node).toBe(process.versions.node);
  expect(versions.tfjs).toMatch(/^4\./);
  expect(system.cores).toBeGreaterThan(0);
  expect(memory.total).toBeGreaterThan(memory.free);
  expect(memory.nodeHeap).toBeGreaterThan(2 ** 26);
  expect(memory.wasmHeap).toBeGreaterThan(2 ** 28);
});

test('formats of images are those that sharp reads; without sharp the reason is a sentence', async () => {
  const support = await inspectImages();
  expect(support.usable && support.formats).toEqual(expect.arrayContaining(['JPEG', 'PNG', 'WebP']));
  const missing = await inspectImages(() => Promise.reject(new Error('Could not load the "sharp" module\nusing linux')));
  expect(missing).toEqual({
    usable: false,
    reason: 'sharp does not load (Could not load the "sharp" module), so no image files can be read: npm install sharp.',
  });
});

test('the fast decoder of JPEGs is there; where it is not, the reason is a sentence and says what to do', async () => {
  expect(await inspectFastJpeg()).toEqual({ usable: true });
  const missing = await inspectFastJpeg(() => Promise.reject(new Error('Cannot find native binding.\nnpm has a bug')));
  expect(missing).toEqual({
    usable: false,
    reason: '@napi-rs/image does not load (Cannot find native binding.), which decodes JPEGs unless told otherwise: npm install @napi-rs/image, or train with --jpeg exact.',
  });
  expect(stripVTControlCharacters(describeDiagnosis({ ...healthy, advice: [] }))).toMatch(/fast JPEG +ok \(@napi-rs\/image\)\n/);
  expect(describeDiagnosis({ ...healthy, fastJpeg: missing, advice: [] })).toContain('@napi-rs/image does not load (Cannot find');
});

describe('advice', () => {
  const { system, memory, wasm } = healthy as Diagnosis & { readonly wasm: NonNullable<Diagnosis['wasm']> };
  test.each<[string, Partial<Diagnosis>, RegExp]>([
    ['more threads than cores granted', { system: { ...system, coreLimit: 2.5 } }, /takes 8 threads, but this container may use 2\.5 core\(s\).*--threads 2\.$/],
    ['no relaxed SIMD', { wasm: { ...wasm, relaxed: false, wide: false } }, /Node 22 or newer has it/],
    ['an older Node', { versions: { ...healthy.versions, node: '22.0.0' }, wasm: { ...wasm, wide: false } }, /^On Node 24 the backend takes vectors of 8/],
    ['threads that did not start', { wasm: { ...wasm, workersReady: 3 } }, /Only 4 of 8 threads started/],
    ['little address space', { memory: { ...memory, wasmHeap: 2 ** 30 } }, /cannot grow to 4 GiB.*ulimit -v/],
    ['a small container', { memory: { ...memory, limit: 2 ** 30 } }, /less than 2 GiB/],
    ['the slow backend', { backend: 'cpu', wasm: null }, /--backend wasm is tens of times faster/],
    ['no fast decoder', { fastJpeg: { usable: false, reason: 'it does not load' } }, /npm install @napi-rs\/image, or train with --jpeg exact\.$/],
    ['no sharp', { images: { usable: false, reason: 'sharp does not load' } }, /no files of images/],
  ])('for %s', (_, found, sentence) => {
    expect(adviceFor({ ...healthy, ...found })).toEqual([expect.stringMatching(sentence)]);
  });

  test('is not given to a healthy machine', () => {
    expect(adviceFor(healthy)).toEqual([]);
  });
});

test('the page says what was found, what was measured, and whether a training is possible', () => {
  const page = describeDiagnosis({ ...healthy, memory: { ...healthy.memory, limit: 2 ** 33 }, advice: ['Be patient.'] });
  for (const part of [
    'Node 24.0.0 (V8 13), TensorFlow.js 4.22.0',
    '32.0 GiB, 16.0 GiB free; this container may use 8.0 GiB',
    'JavaScript heap 4.0 GiB; WebAssembly heap 4.0 GiB',
    'The backend node needs a package.',
    '8 threads, SIMD of 8 numbers, relaxed SIMD (fused multiply-add)',
    '123 GFLOP/s',
    '46 images/s  SimSiam step of resnet18-cifar, images of 32×32×3, batch 16',
    'Be patient.',
    'Ready to train',
  ]) {
    expect(page).toContain(part);
  }
  expect(describeDiagnosis({ ...healthy, backend: null, benchmark: null, advice: [] })).toContain('No training is possible here');
});
