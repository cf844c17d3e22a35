import type { NamedAttrMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backend.ts';

export type KernelResult = TensorInfo | TensorInfo[] | undefined;

/** A tfjs kernel that runs on the WebAssembly engine. */
export interface NativeKernel {
  readonly name: string;
  /** Undefined when the call is left to the kernel of tfjs-backend-cpu, for its dtype or shape. */
  readonly run: (backend: WasmBackend, inputs: never, attrs: never) => KernelResult;
}

/** Pairs a kernel's name with its function, whose parameters say which inputs and attributes it reads. */
export function native<Inputs, Attrs = NamedAttrMap>(
  name: string,
  run: (backend: WasmBackend, inputs: Inputs, attrs: Attrs) => KernelResult,
): NativeKernel {
  return { name, run };
}

/** Whether all of the tensors are float32. */
export function areFloats(...tensors: readonly (TensorInfo | undefined)[]): boolean {
  return tensors.every((tensor) => tensor === undefined || tensor.dtype === 'float32');
}

/** Where the new values of a tensor that is given up go. Its address is asked for first: it may still be on another backend. */
export function successor(backend: WasmBackend, tensor: TensorInfo): TensorInfo {
  backend.address(tensor);
  return backend.refCount(tensor.dataId) === 1 ? backend.alias(tensor, tensor.shape) : backend.makeTensorInfo(tensor.shape, 'float32');
}

export interface OperandPair {
  readonly a: TensorInfo;
  readonly b: TensorInfo;
}
