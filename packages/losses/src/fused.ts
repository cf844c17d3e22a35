import { engine, getBackend, getKernel } from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';

/** Whether the current backend has a fused kernel; see the table in docs/architecture.md. */
export function hasKernel(name: string): boolean {
  return getKernel(name, getBackend()) !== undefined;
}

/** The outputs of a fused kernel. */
export function runKernel(name: string, inputs: NamedTensorMap, attrs: Readonly<Record<string, number>> = {}): Tensor[] {
  const outputs: Tensor | Tensor[] = engine().runKernel(name, inputs, { ...attrs });
  return Array.isArray(outputs) ? outputs : [outputs];
}
