import { spawn } from 'node:child_process';
import { programFile } from '../about.ts';
import { findPackage } from '../backends/find-package.ts';
import type { FindPackage } from '../backends/find-package.ts';
import { backendNames } from '../backends/names.ts';
import type { ConcreteBackend } from '../backends/names.ts';
import { selectBackend } from '../backends/select.ts';
import { reasonOf } from '../error.ts';

/** Whether a backend computes here, or in one sentence why it does not and what to do. */
export interface BackendCheck {
  readonly name: ConcreteBackend;
  readonly usable: boolean;
  readonly reason?: string;
}

const concrete = backendNames.filter((name): name is ConcreteBackend => name !== 'auto');
/** Those whose native code may take the whole process with it. */
const native: ReadonlySet<ConcreteBackend> = new Set(['node-gpu', 'node', 'webgpu', 'webgl']);
const packages: Partial<Record<ConcreteBackend, string>> = {
  'node-gpu': '@tensorflow/tfjs-node-gpu',
  node: '@tensorflow/tfjs-node',
  webgl: '@tensorflow/tfjs-backend-webgl',
  webgpu: '@tensorflow/tfjs-backend-webgpu',
};

/** Tries every backend. What is native and installed is tried in a process of its own, which may crash or hang without harm. */
export async function checkBackends(find: FindPackage = findPackage): Promise<readonly BackendCheck[]> {
  const checks: BackendCheck[] = [];
  for (const name of concrete) {
    const elsewhere = native.has(name) && find(packages[name]!) !== undefined;
    checks.push(elsewhere ? await checkElsewhere(name) : await checkBackend(name, find));
  }
  return checks;
}

/** Tries a backend in this process, which computes on it from then on where that works. */
export async function checkBackend(name: ConcreteBackend, find: FindPackage = findPackage): Promise<BackendCheck> {
  try {
    await selectBackend({ backend: name, find });
    return { name, usable: true };
  } catch (error) {
    return { name, usable: false, reason: reasonOf(error).split('\n')[0]! };
  }
}

const patience = 60_000;

async function checkElsewhere(name: ConcreteBackend): Promise<BackendCheck> {
  const child = spawn(process.execPath, [programFile(), 'doctor', '--backend', name, '--quick', '--json'], { stdio: ['ignore', 'pipe', 'ignore'], timeout: patience });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  const end = await new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`did not start: ${error.message}`));
    child.on('close', (code, signal) => resolve(signal === 'SIGTERM' ? `did not answer within ${patience / 1000} s` : `ended with ${signal ?? `exit code ${code}`}`));
  });
  const answer = stdout.split('\n').find((line) => line.startsWith('{"type":"doctor"'));
  if (answer === undefined) {
    return { name, usable: false, reason: `The backend ${name} cannot be used: a process that tried it ${end}; choose --backend wasm.` };
  }
  return (JSON.parse(answer) as { readonly backends: readonly BackendCheck[] }).backends[0]!;
}
