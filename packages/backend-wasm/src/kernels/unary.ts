import { util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backend.ts';
import { f32 } from '../engine/engine.ts';
import { K } from '../engine/kernel-ids.ts';
import { native } from './native.ts';
import type { NativeKernel } from './native.ts';
import { split } from './strides.ts';

/** f(x; p, q) for each element of a float32 tensor. */
export function runUnary(backend: WasmBackend, kernel: number, x: TensorInfo, p = 0, q = 0): TensorInfo {
  const size = util.sizeFromShape(x.shape);
  const out = backend.makeTensorInfo(x.shape, 'float32');
  const [from, to] = [backend.address(x), backend.address(out)];
  backend.engine.run(kernel, [from, to, size, f32(p), f32(q)], split(size));
  return out;
}

function unary<Attrs>(name: string, kernel: number, parameters: (attrs: Attrs) => readonly number[] = () => []): NativeKernel {
  return native<{ readonly x: TensorInfo }, Attrs>(name, (backend, { x }, attrs) =>
    x.dtype === 'float32' ? runUnary(backend, kernel, x, ...parameters(attrs)) : undefined);
}

export const unaryKernels: readonly NativeKernel[] = [
  unary('Neg', K.neg),
  unary('Abs', K.abs),
  unary('Square', K.square),
  unary('Sqrt', K.sqrt),
  unary('Rsqrt', K.rsqrt),
  unary('Reciprocal', K.reciprocal),
  unary('Exp', K.exp),
  unary('Log', K.log),
  unary('Relu', K.relu),
  unary('Relu6', K.clip, () => [0, 6]),
  unary<{ readonly alpha: number }>('Step', K.step, ({ alpha }) => [alpha]),
  unary('Sigmoid', K.sigmoid),
  unary('Tanh', K.tanh),
  unary('Erf', K.erf),
  unary('Elu', K.elu),
  unary('Softplus', K.softplus),
  unary<{ readonly alpha: number }>('LeakyRelu', K.leakyRelu, ({ alpha }) => [alpha]),
  unary<{ readonly clipValueMin: number; readonly clipValueMax: number }>('ClipByValue', K.clip, ({ clipValueMin, clipValueMax }) => [
    clipValueMin,
    clipValueMax,
  ]),
  unary('Ceil', K.ceil),
  unary('Floor', K.floor),
  unary('Round', K.round),
];
