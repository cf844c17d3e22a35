import type { backend_util, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backend.ts';
import { K } from '../engine/kernel-ids.ts';
import { runBinary } from './binary.ts';
import { runUnary } from './unary.ts';

export type Activation = backend_util.Activation;

/** What the fused kernels take besides the operands of their product. */
export interface Fused {
  readonly bias?: TensorInfo;
  readonly preluActivationWeights?: TensorInfo;
}

/** A product, then the bias and the activation that could not be done inside it. */
export function finish(
  backend: WasmBackend, product: TensorInfo | undefined, bias: TensorInfo | undefined, activation: Activation | undefined,
  weights: TensorInfo | undefined, leakyreluAlpha: number | undefined,
): TensorInfo | undefined {
  if (product === undefined) return undefined;
  let result = product;
  if (bias !== undefined) {
    const sum = runBinary(backend, K.add, result, bias, 'float32')!;
    backend.disposeIntermediateTensorInfo(result);
    result = sum;
  }
  return activation === undefined ? result : activate(backend, result, activation, weights, leakyreluAlpha);
}

/** Takes the place of `x`, which is disposed. */
function activate(backend: WasmBackend, x: TensorInfo, activation: Activation, weights?: TensorInfo, alpha = 0.2): TensorInfo {
  if (activation === 'linear') return x;
  const apply = (): TensorInfo => {
    switch (activation) {
      case 'relu':
        return runUnary(backend, K.relu, x);
      case 'relu6':
        return runUnary(backend, K.clip, x, 0, 6);
      case 'elu':
        return runUnary(backend, K.elu, x);
      case 'sigmoid':
        return runUnary(backend, K.sigmoid, x);
      case 'leakyrelu':
        return runUnary(backend, K.leakyRelu, x, alpha);
      case 'prelu':
        return runBinary(backend, K.prelu, x, weights!, 'float32')!;
    }
  };
  const result = apply();
  backend.disposeIntermediateTensorInfo(x);
  return result;
}
