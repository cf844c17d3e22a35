import '@tensorflow/tfjs-backend-cpu';
import { getKernel, getKernelsForBackend, registerKernel } from '@tensorflow/tfjs-core';
import type { KernelFunc } from '@tensorflow/tfjs-core';
import { backendName } from '../backend.ts';
import type { WasmBackend } from '../backend.ts';
import { BackendWasmError } from '../error.ts';
import { batchNormKernels } from './batch-norm.ts';
import { binaryKernels } from './binary.ts';
import { channelSums } from './channel-sums.ts';
import { compareKernels } from './compare.ts';
import { contractionKernels } from './contraction.ts';
import { depthwiseKernels } from './depthwise.ts';
import { einsumKernels } from './einsum.ts';
import { fusedKernels } from './fused.ts';
import { imageKernels } from './image.ts';
import type { NativeKernel } from './native.ts';
import { poolKernels } from './pool.ts';
import { reduceKernels } from './reduce.ts';
import { selectKernels } from './select.ts';
import { shapeKernels } from './shape.ts';
import { unaryKernels } from './unary.ts';
import { updateKernels } from './update.ts';

/** Every kernel that runs on the WebAssembly engine. */
export const nativeKernels: readonly NativeKernel[] = [
  ...batchNormKernels,
  ...binaryKernels,
  channelSums,
  ...compareKernels,
  ...contractionKernels,
  ...depthwiseKernels,
  ...einsumKernels,
  ...fusedKernels,
  ...imageKernels,
  ...poolKernels,
  ...reduceKernels,
  ...selectKernels,
  ...shapeKernels,
  ...unaryKernels,
  ...updateKernels,
];

/**
 * Registers the kernels above, and for everything else those of tfjs-backend-cpu, which run on the same storage. They also
 * take the calls that a native kernel leaves to them.
 */
export function registerKernels(): void {
  const cpuKernels = new Map(getKernelsForBackend('cpu').map(({ kernelName, kernelFunc }) => [kernelName, kernelFunc]));
  for (const kernel of nativeKernels) add(kernel.name, nativeFunc(kernel, cpuKernels.get(kernel.name)));
  for (const [name, kernelFunc] of cpuKernels) add(name, hostFunc(kernelFunc));
}

function add(kernelName: string, kernelFunc: KernelFunc): void {
  if (getKernel(kernelName, backendName) !== undefined) return;
  registerKernel({ kernelName, backendName, kernelFunc: (call) => (call.backend as WasmBackend).guard(() => kernelFunc(call)) });
}

function hostFunc(kernelFunc: KernelFunc): KernelFunc {
  return (call) => {
    const backend = call.backend as WasmBackend;
    const result = backend.hostKernel(() => kernelFunc(call));
    return Array.isArray(result) ? result.map((info) => backend.withStoredType(info)) : backend.withStoredType(result);
  };
}

function nativeFunc({ name, run }: NativeKernel, fallback: KernelFunc | undefined): KernelFunc {
  return (call) => {
    const backend = call.backend as WasmBackend;
    const result = run(backend, call.inputs as never, call.attrs as never);
    if (result !== undefined) return result;
    if (fallback === undefined) throw new BackendWasmError('not-supported', `Kernel ${name} takes float32 tensors only.`);
    return hostFunc(fallback)(call);
  };
}
