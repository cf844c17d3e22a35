import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { add, findBackendFactory, getBackend, getKernelsForBackend, removeBackend, tensor1d, unregisterKernel } from '@tensorflow/tfjs-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { writeStandIn } from '../../test/tensorflow-stand-in.ts';
import type { StandIn } from '../../test/tensorflow-stand-in.ts';
import { backendNames, parseBackend } from './names.ts';
import type { BackendName } from './names.ts';
import { selectBackend } from './select.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backends-'));
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(uninstall);

/** Each test, and each selection, starts without the backend of the one before. */
function uninstall(): void {
  if (findBackendFactory('tensorflow')) removeBackend('tensorflow');
  for (const { kernelName } of getKernelsForBackend('tensorflow')) unregisterKernel(kernelName, 'tensorflow');
}

let count = 0;
/** Selects a backend where only these packages are installed. */
async function select(backend: BackendName, ...installed: StandIn[]): Promise<{ backend: string; used: string; warnings: string[] }> {
  uninstall();
  const paths = new Map<string, string>();
  for (const standIn of installed) {
    paths.set(`@tensorflow/tfjs-node${standIn.gpu ? '-gpu' : ''}`, await writeStandIn(join(folder, `${count++}`, 'node_modules'), standIn));
  }
  const warnings: string[] = [];
  const selected = await selectBackend({ backend, find: (name) => paths.get(name), warn: (sentence) => warnings.push(sentence) });
  return { backend: selected.backend, used: getBackend(), warnings };
}

describe('tfjs-node and tfjs-node-gpu', () => {
  test('are used where they are installed, with what Node 23 took from util', async () => {
    const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
    const { isArray, isNullOrUndefined } = util;
    delete util['isArray'];
    delete util['isNullOrUndefined'];
    try {
      expect(await select('node', {})).toEqual({ backend: 'node', used: 'tensorflow', warnings: [] });
      expect([...(await add(tensor1d([1, 2]), 1).data())]).toEqual([2, 3]);
    } finally {
      Object.assign(util, { isArray, isNullOrUndefined });
    }
    expect(await select('node-gpu', { gpu: true, findsGpu: true })).toMatchObject({ backend: 'node-gpu', used: 'tensorflow' });
  });

  test('are asked for in one sentence where they are missing', async () => {
    await expect(select('node')).rejects.toMatchObject({ exitCode: 1, message: 'The backend node needs @tensorflow/tfjs-node, which is not installed: npm install @tensorflow/tfjs-node, or choose another --backend.' });
    await expect(select('node-gpu', {})).rejects.toThrow(/needs @tensorflow\/tfjs-node-gpu, which is not installed/);
  });

  test('are said to be broken where they do not load, by the first line of why', async () => {
    const before = `throw new Error('The Node.js native addon module (tfjs_binding.node) can not be found\\nPlease run npm rebuild');`;
    await expect(select('node', { before })).rejects.toThrow(/^The backend node needs @tensorflow\/tfjs-node, which is installed but does not load \(The Node\.js native addon module \(tfjs_binding\.node\) can not be found\); install it again, or choose another --backend\.$/);
  });

  test('do not fall back silently: not to another backend, and not to the CPU', async () => {
    const warn = vi.spyOn(console, 'warn');
    const noBackend = "tf.removeBackend('tensorflow'); tf.registerBackend('tensorflow', () => { throw new Error('no libtensorflow'); });";
    await expect(select('node', { after: noBackend })).rejects.toThrow(/^The backend node cannot be used: .*TensorFlow\.js did not take it and would fall back to \w+; choose --backend wasm\.$/);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
    await expect(select('node-gpu', { gpu: true })).rejects.toThrow(/^The backend node-gpu cannot be used: @tensorflow\/tfjs-node-gpu found no GPU and would silently compute on the CPU; install CUDA 11\.2 and cuDNN 8\.1/);
  });

  test('are not trusted where they compute nonsense or throw', async () => {
    const matMul = (body: string): string => `tf.unregisterKernel('BatchMatMul', 'tensorflow'); tf.registerKernel({ kernelName: 'BatchMatMul', backendName: 'tensorflow', kernelFunc: ({ inputs, backend }) => { ${body} } });`;
    await expect(select('node', { after: matMul("return backend.makeTensorInfo([2, 2], 'float32', new Float32Array(4));") })).rejects.toThrow('came out as 0,0,0,0 instead of 19,22,43,50');
    await expect(select('node', { after: matMul("throw new Error('CUDA_ERROR');") })).rejects.toThrow('a product of two matrices failed (CUDA_ERROR)');
  });
});

describe('auto', () => {
  test('takes the GPU of tfjs-node-gpu', async () => {
    expect(await select('auto', {}, { gpu: true, findsGpu: true })).toEqual({ backend: 'node-gpu', used: 'tensorflow', warnings: [] });
  });

  test('takes the wasm backend without one, and says why where tfjs-node-gpu is installed', async () => {
    expect(await select('auto', {})).toEqual({ backend: 'wasm', used: 'selfsup-wasm', warnings: [] });
    const { backend, used, warnings } = await select('auto', { gpu: true });
    expect({ backend, used }).toEqual({ backend: 'wasm', used: 'selfsup-wasm' });
    expect(warnings).toEqual([expect.stringContaining('found no GPU')]);
  });
});

test('the backends without a package are there, those with one ask for it', async () => {
  expect(await select('cpu')).toMatchObject({ used: 'cpu' });
  expect(await select('wasm')).toMatchObject({ used: 'selfsup-wasm' });
  await expect(select('webgpu')).rejects.toThrow(/The backend webgpu needs webgpu, which is not installed/);
  await expect(select('webgl')).rejects.toThrow(/needs @tensorflow\/tfjs-backend-webgl, which is not installed/);
});

test('names are those of the list', () => {
  for (const name of backendNames) expect(parseBackend(name)).toBe(name);
  expect(() => parseBackend('cuda')).toThrow('The backend "cuda" is not known; choose one of auto, node-gpu, node, wasm, webgpu, webgl, cpu.');
});
