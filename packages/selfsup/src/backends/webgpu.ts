import { CliError } from '../error.ts';
import { importPackage } from './find-package.ts';
import type { FindPackage } from './find-package.ts';
import { takeBackend } from './take-backend.ts';

interface Gpu {
  readonly requestAdapter: () => Promise<unknown>;
}

/**
 * WebGPU: that of the platform where it has one, otherwise Dawn, from the package `webgpu`.
 * @throws CliError (1) when a package is missing or broken, or there is no adapter
 */
export async function useWebGpu(find: FindPackage): Promise<void> {
  const gpu = platformGpu() ?? (await dawn(find));
  if (!(await gpu.requestAdapter())) {
    throw new CliError(1, 'The backend webgpu cannot be used: WebGPU has no adapter here; install a Vulkan, Metal or Direct3D 12 driver, or choose --backend wasm.');
  }
  await importPackage('@tensorflow/tfjs-backend-webgpu', 'webgpu', find);
  await takeBackend('webgpu', 'webgpu', 'choose --backend wasm');
}

function platformGpu(): Gpu | undefined {
  return (globalThis.navigator as { readonly gpu?: Gpu } | undefined)?.gpu;
}

/** Puts Dawn where tfjs looks for it: in `navigator`, which Node 20 does not have. */
async function dawn(find: FindPackage): Promise<Gpu> {
  const { create, globals } = await importPackage('webgpu', 'webgpu', find);
  Object.assign(globalThis, globals);
  const gpu = (create as (flags: readonly string[]) => Gpu)([]);
  if (globalThis.navigator === undefined) Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'Node.js' }, configurable: true });
  Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
  return gpu;
}
