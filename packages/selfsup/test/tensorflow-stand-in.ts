import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

export interface StandIn {
  /** The tfjs-node-gpu of the two. */
  readonly gpu?: boolean;
  /** What its `isUsingGpuDevice` says. */
  readonly findsGpu?: boolean;
  /** JavaScript that runs before the backend is registered. */
  readonly before?: string;
  /** JavaScript that runs after it. */
  readonly after?: string;
}

/**
 * Writes a module in place of tfjs-node: it registers the backend `tensorflow` as tfjs-node does, calls `node:util` as tfjs-node does, and
 * computes with the cpu backend's kernels, but only those that tfjs-node has.
 */
export async function writeStandIn(nodeModules: string, { gpu = false, findsGpu = false, before = '', after = '' }: StandIn = {}): Promise<string> {
  const name = `@tensorflow/tfjs-node${gpu ? '-gpu' : ''}`;
  const folder = join(nodeModules, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version: '4.22.0', main: 'index.js' }));
  const table = fileURLToPath(new URL('tfjs-node-kernels.json', import.meta.url));
  const path = join(folder, 'index.js');
  await writeFile(
    path,
    `'use strict';
const util = require('util');
const tf = require(${JSON.stringify(require.resolve('@tensorflow/tfjs-core'))});
const { MathBackendCPU } = require(${JSON.stringify(require.resolve('@tensorflow/tfjs-backend-cpu'))});
const { kernels } = require(${JSON.stringify(table)});
if (util.isNullOrUndefined(0) || !util.isArray([])) throw new Error('util is not what it was');
${before}
class Backend extends MathBackendCPU {
  constructor() {
    super();
    this.isGPUPackage = ${gpu};
    this.isUsingGpuDevice = ${findsGpu};
    this.firstUse = false; // The cpu backend's hint at tfjs-node.
  }
}
for (const kernel of tf.getKernelsForBackend('cpu')) {
  if (kernels.includes(kernel.kernelName)) tf.registerKernel({ ...kernel, backendName: 'tensorflow' });
}
tf.registerBackend('tensorflow', () => new Backend(), 3);
${after}
tf.setBackend('tensorflow');
`,
  );
  return path;
}
