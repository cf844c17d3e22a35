import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Diagnosis } from '../src/doctor/describe.ts';
import { selfsup } from './cli.ts';
import { writeStandIn } from './tensorflow-stand-in.ts';
import type { StandIn } from './tensorflow-stand-in.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'selfsup-doctor-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What the doctor says where these packages are installed. */
async function doctor(name: string, installed: readonly StandIn[], ...args: string[]): Promise<{ code: number | null; found: Diagnosis & { ready: boolean } }> {
  const cwd = join(folder, name);
  await mkdir(cwd);
  for (const standIn of installed) await writeStandIn(join(cwd, 'node_modules'), standIn);
  const { code, stdout } = await selfsup(['doctor', '--json', ...args], { cwd });
  return { code, found: JSON.parse(stdout) as Diagnosis & { ready: boolean } };
}

const reasons = ({ backends }: Diagnosis): Record<string, string | true> => Object.fromEntries(backends.map(({ name, reason }) => [name, reason ?? true]));

test('selfsup doctor measures the backend that a training takes, and says why others are not there', async () => {
  const { code, found } = await doctor('plain', []);
  expect(code).toBe(0);
  expect(found).toMatchObject({ type: 'doctor', ready: true, backend: 'wasm', fastJpeg: { usable: true } });
  expect(reasons(found)).toMatchObject({
    wasm: true,
    cpu: true,
    node: 'The backend node needs @tensorflow/tfjs-node, which is not installed: npm install @tensorflow/tfjs-node, or choose another --backend.',
    'node-gpu': expect.stringContaining('npm install @tensorflow/tfjs-node-gpu') as string,
  });
  expect(found.wasm!.threads).toBeGreaterThan(0);
  expect(found.benchmark!.matMul.gflops).toBeGreaterThan(0);
  // A machine that is very slow, or very busy, has no step that fits.
  const { step } = found.benchmark!;
  if (step) expect(step.imagesPerSecond).toBeGreaterThan(0);
});

test('a GPU that tfjs-node-gpu finds is what a training takes', async () => {
  const { code, found } = await doctor('gpu', [{ gpu: true, findsGpu: true }], '--quick');
  expect(code).toBe(0);
  expect(found).toMatchObject({ backend: 'node-gpu', wasm: null, benchmark: null });
  expect(reasons(found)['node-gpu']).toBe(true);
});

test('native packages may crash, or fall back, and the doctor goes on', async () => {
  const { code, found } = await doctor('crash', [{ before: 'process.abort();' }, { gpu: true }], '--quick');
  expect(code).toBe(0);
  expect(found.backend).toBe('wasm');
  expect(reasons(found)).toMatchObject({
    node: expect.stringMatching(/^The backend node cannot be used: a process that tried it ended with (SIGABRT|exit code \d+); choose --backend wasm\.$/) as string,
    'node-gpu': expect.stringContaining('found no GPU and would silently compute on the CPU') as string,
  });
});

test('the exit code is 1 where the backend asked about cannot train', async () => {
  const { code, found } = await doctor('absent', [], '--backend', 'node');
  expect(code).toBe(1);
  expect(found).toMatchObject({ ready: false, backend: null, benchmark: null });
  expect(found.backends).toHaveLength(1);
});

test('a person gets a page', async () => {
  const { code, stdout, stderr } = await selfsup(['doctor', '--quick', '--backend', 'cpu'], { cwd: folder });
  expect(code).toBe(0);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^versions +selfsup .*, Node \d+/);
  expect(stdout).toContain('✓ cpu       works ← in use');
  expect(stdout).toContain('Ready to train');
});
