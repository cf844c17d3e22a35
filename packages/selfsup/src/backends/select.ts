import { useWasmBackend } from '@selfsup/backend-wasm';
import { env } from '@tensorflow/tfjs-core';
import { CliError } from '../error.ts';
import { findPackage, importPackage } from './find-package.ts';
import type { FindPackage } from './find-package.ts';
import type { BackendName, ConcreteBackend } from './names.ts';
import { takeBackend } from './take-backend.ts';
import { useTensorFlow } from './tensorflow.ts';
import { useWebGpu } from './webgpu.ts';

export interface BackendOptions {
  readonly backend: BackendName;
  /** Threads of the wasm backend; all cores by default. */
  readonly threads?: number | undefined;
  /** Hears why `auto` does not take what it would prefer. */
  readonly warn?: (sentence: string) => void;
  readonly find?: FindPackage;
}

/** What TensorFlow.js computes on from now on. */
export interface SelectedBackend {
  readonly backend: ConcreteBackend;
  /** Of the wasm backend; 1 for all others, which choose for themselves. */
  readonly threads: number;
}

/**
 * Sets the backend, and makes sure that it is the one in use. `auto` takes an NVIDIA GPU where tfjs-node-gpu is installed and finds
 * one, and the wasm backend everywhere else.
 * @throws CliError (1) in one sentence: what is missing or broken, and what to do
 */
export async function selectBackend({ backend, threads, warn = () => {}, find = findPackage }: BackendOptions): Promise<SelectedBackend> {
  if (backend !== 'auto') return { backend, threads: await use(backend, threads, find) };
  if (find('@tensorflow/tfjs-node-gpu') !== undefined) {
    try {
      return { backend: 'node-gpu', threads: await use('node-gpu', threads, find) };
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      warn(error.message);
    }
  }
  return { backend: 'wasm', threads: await use('wasm', threads, find) };
}

/** Without what tfjs prints: stack traces of what is one sentence here, and advertisements of other backends. */
async function use(backend: ConcreteBackend, threads: number | undefined, find: FindPackage): Promise<number> {
  const before = env().getBool('PROD');
  env().set('PROD', true);
  try {
    return await start(backend, threads, find);
  } finally {
    env().set('PROD', before);
  }
}

async function start(backend: ConcreteBackend, threads: number | undefined, find: FindPackage): Promise<number> {
  switch (backend) {
    case 'wasm':
      return (await useWasmBackend(threads === undefined ? {} : { threads })).engine.threads;
    case 'cpu':
      await import('@tensorflow/tfjs-backend-cpu');
      await takeBackend('cpu', 'cpu', 'choose --backend wasm');
      return 1;
    case 'webgl':
      await importPackage('@tensorflow/tfjs-backend-webgl', 'webgl', find);
      await takeBackend('webgl', 'webgl', 'WebGL is for browsers and Electron; choose --backend wasm');
      return 1;
    case 'webgpu':
      await useWebGpu(find);
      return 1;
    default:
      await useTensorFlow(backend, find);
      return 1;
  }
}
