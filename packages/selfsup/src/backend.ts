import { getBackend, ready, setBackend } from '@tensorflow/tfjs-core';
import { CliError, usageError } from './error.ts';

/** The backends that the CLI can run on. */
export const backendNames = ['wasm', 'cpu'] as const;
export type BackendName = (typeof backendNames)[number];

export interface BackendOptions {
  readonly backend: BackendName;
  /** Threads of the wasm backend; all cores by default. */
  readonly threads?: number | undefined;
}

export function parseBackend(value: string): BackendName {
  const name = backendNames.find((known) => known === value);
  if (!name) throw usageError(`The backend "${value}" is not known; choose one of ${backendNames.join(', ')}.`);
  return name;
}

/** Sets the backend, makes sure that it is the one in use (tfjs itself falls back silently), and answers its threads. */
export async function selectBackend({ backend, threads }: BackendOptions): Promise<{ readonly threads: number }> {
  if (backend === 'cpu') {
    await import('@tensorflow/tfjs-backend-cpu');
    await setBackend('cpu');
    await ready();
    if (getBackend() !== 'cpu') throw new CliError(1, `The cpu backend could not be started; ${getBackend()} is in use.`);
    return { threads: 1 };
  }
  const { useWasmBackend } = await import('@selfsup/backend-wasm');
  const { engine } = await useWasmBackend(threads === undefined ? {} : { threads });
  return { threads: engine.threads };
}
