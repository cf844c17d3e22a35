import { readFileSync } from 'node:fs';
import { getKernelsForBackend, removeBackend } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { backendName, useWasmBackendSync } from '@selfsup/backend-wasm';
import { nativeKernels } from './kernels/index.ts';

// What the README says of the kernels is what there is.

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');

beforeAll(() => void useWasmBackendSync({ threads: 1 }));
afterAll(() => removeBackend(backendName));

const isOwn = (name: string): boolean => name.startsWith('Selfsup');
const names = nativeKernels.map(({ name }) => name);

/** The names between two stretches of text. */
function listed(before: string, after: string): string[] {
  const start = readme.indexOf(before) + before.length;
  expect(readme).toContain(before);
  return readme.slice(start, readme.indexOf(after, start)).split(/[ ,]+/).map((name) => name.replaceAll('`', '')).filter(Boolean).toSorted();
}

it('lists the kernels that run in WebAssembly', () => {
  const own = names.filter(isOwn);
  const theirs = names.filter((name) => !isOwn(name));
  expect(new Set(names).size).toBe(names.length);
  expect(listed(`**${theirs.length} kernels of TensorFlow.js run in WebAssembly**, on float32, and on int32 where that is usual:`, '.')).toEqual(theirs.toSorted());
  expect(listed(`**${own.length} are our own**:`, '.')).toEqual(own.toSorted());
});

it('counts all kernels', () => {
  const cpu = getKernelsForBackend('cpu').length;
  const own = names.filter((name) => isOwn(name)).length;
  expect(getKernelsForBackend(backendName)).toHaveLength(cpu + own);
  expect(readme).toContain(`| kernels | ${cpu + own}: all ${cpu} of tfjs-backend-cpu, and ${own} of our own |`);
});
