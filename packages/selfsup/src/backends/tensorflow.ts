import { createRequire } from 'node:module';
import { backend } from '@tensorflow/tfjs-core';
import { CliError } from '../error.ts';
import { importPackage } from './find-package.ts';
import type { FindPackage } from './find-package.ts';
import { takeBackend } from './take-backend.ts';

const packages = { node: '@tensorflow/tfjs-node', 'node-gpu': '@tensorflow/tfjs-node-gpu' } as const;
const otherwise = 'choose --backend wasm';

/**
 * TensorFlow's own C library, through tfjs-node or tfjs-node-gpu.
 * @throws CliError (1) when the package is missing or broken, or when the GPU package found no GPU and would compute on the CPU
 */
export async function useTensorFlow(name: 'node' | 'node-gpu', find: FindPackage): Promise<void> {
  bringBackUtil();
  await importPackage(packages[name], name, find);
  await takeBackend(name, 'tensorflow', otherwise);
  const { isGPUPackage, isUsingGpuDevice } = backend() as { readonly isGPUPackage?: boolean; readonly isUsingGpuDevice?: boolean };
  if (name === 'node-gpu' && !(isGPUPackage && isUsingGpuDevice)) {
    throw new CliError(
      1,
      `The backend node-gpu cannot be used: ${packages[name]} found no GPU and would silently compute on the CPU; install CUDA 11.2 and cuDNN 8.1, or ${otherwise}.`,
    );
  }
}

/** tfjs-node 4.22 calls two functions of `node:util` that Node 23 took away. */
function bringBackUtil(): void {
  const util = createRequire(import.meta.url)('node:util') as { isArray?: unknown; isNullOrUndefined?: unknown };
  util.isArray ??= Array.isArray;
  util.isNullOrUndefined ??= (value: unknown): boolean => value === null || value === undefined;
}
