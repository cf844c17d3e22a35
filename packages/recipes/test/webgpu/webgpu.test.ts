import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runInChromium, runInNode } from './hosts.ts';
import type { Outcome } from './steps.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'selfsup-webgpu-'));
});
afterAll(() => rm(folder, { recursive: true }));

const length = (values: readonly number[]): number => Math.hypot(...values);

/** The largest distance between two lists of numbers, in relation to their length, or to the longest list's where one is next to nothing. */
function largestGap(actual: Outcome['state'], expected: Outcome['state']): number {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  const longest = Math.max(...Object.values(expected).map(length));
  const gaps = Object.entries(expected).map(([name, values]) => {
    const difference = length(values.map((value, i) => value - actual[name]![i]!));
    return difference / Math.max(length(values), 1e-3 * longest);
  });
  return Math.max(...gaps);
}

test.for([
  ['Node', runInNode],
  ['Chromium', runInChromium],
] as const)('a step of BYOL and one of SimSiam on WebGPU in %s are those of the wasm backend', async ([host, run], { skip }) => {
  await mkdir(join(folder, host));
  const answer = await run(join(folder, host));
  if ('missing' in answer) return skip(answer.missing);
  for (const { webgpu, wasm } of Object.values(answer)) {
    expect([webgpu.backend, wasm.backend]).toEqual(['webgpu', 'selfsup-wasm']);
    expect(Math.abs(webgpu.loss - wasm.loss)).toBeLessThan(1e-3 * Math.max(1, Math.abs(wasm.loss)));
    expect(Object.keys(wasm.gradients).length).toBeGreaterThan(20);
    expect(largestGap(webgpu.gradients, wasm.gradients)).toBeLessThan(1e-3);
    expect(largestGap(webgpu.state, wasm.state)).toBeLessThan(1e-3);
  }
});
