import { backend_util, util } from '@tensorflow/tfjs-core';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backend.ts';
import { K } from '../engine/kernel-ids.ts';
import { areFloats, native } from './native.ts';
import type { NativeKernel, OperandPair } from './native.ts';
import { broadcastStrides, mergeDimensions, outerArguments, split } from './strides.ts';

const maxOuterRank = 8;

/** a op b with broadcasting, into a new tensor; undefined when the shapes are too intricate for the kernels. */
export function runBinary(backend: WasmBackend, kernel: number, a: TensorInfo, b: TensorInfo, dtype: DataType): TensorInfo | undefined {
  const sameShape = util.arraysEqual(a.shape, b.shape);
  const shape = sameShape ? a.shape : backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const size = util.sizeFromShape(shape);
  const dimensions = sameShape || size === 0
    ? [{ size, strides: [1, 1] }]
    : mergeDimensions(shape, broadcastStrides(a.shape, shape), broadcastStrides(b.shape, shape));
  if (dimensions.length - 1 > maxOuterRank) return undefined;
  const out = backend.makeTensorInfo(shape, dtype);
  // First the operands, which may have to be brought to the heap; where views are is of no interest here.
  const [from, other, to] = [backend.address(a), backend.address(b), backend.address(out)];
  if (size === 0) return out;
  const inner = dimensions.at(-1)!;
  const steps = inner.strides as [number, number];
  backend.engine.run(kernel, [from, other, to, size, inner.size, ...steps, dimensions.length - 1, ...outerArguments(dimensions)], { ...split(size), touches: { reads: [from, other], writes: [to] } });
  return out;
}

/** out = a + b, all of one shape; out may be one of the others. */
export function addInto(backend: WasmBackend, a: TensorInfo, b: TensorInfo, out: TensorInfo): void {
  const size = util.sizeFromShape(out.shape);
  const addresses = [backend.address(a), backend.address(b), backend.address(out)];
  if (size > 0) backend.engine.run(K.add, [...addresses, size, size, 1, 1, 0], { ...split(size), touches: { reads: addresses.slice(0, 2), writes: addresses.slice(2) } });
}

function binary(name: string, floats: number, ints?: number): NativeKernel {
  return native<OperandPair>(name, (backend, { a, b }) => {
    if (areFloats(a, b)) return runBinary(backend, floats, a, b, 'float32');
    if (ints !== undefined && a.dtype === 'int32' && b.dtype === 'int32') return runBinary(backend, ints, a, b, 'int32');
    return undefined;
  });
}

const addN = native<readonly TensorInfo[]>('AddN', (backend, tensors) => {
  const [first, second, ...more] = tensors;
  if (first === undefined || second === undefined || !areFloats(...tensors)) return undefined;
  const sum = runBinary(backend, K.add, first, second, 'float32')!;
  for (const tensor of more) addInto(backend, sum, tensor, sum);
  return sum;
});

export const binaryKernels: readonly NativeKernel[] = [
  binary('Add', K.add, K.addInt),
  binary('Sub', K.sub, K.subInt),
  binary('Multiply', K.multiply, K.multiplyInt),
  binary('RealDiv', K.divide),
  binary('Maximum', K.maximum, K.maximumInt),
  binary('Minimum', K.minimum, K.minimumInt),
  binary('SquaredDifference', K.squaredDifference),
  binary('Pow', K.power),
  native<{ readonly x: TensorInfo; readonly alpha: TensorInfo }>('Prelu', (backend, { x, alpha }) =>
    areFloats(x, alpha) ? runBinary(backend, K.prelu, x, alpha, 'float32') : undefined),
  native<{ readonly dy: TensorInfo; readonly y: TensorInfo }>('EluGrad', (backend, { dy, y }) =>
    areFloats(dy, y) ? runBinary(backend, K.eluGrad, dy, y, 'float32') : undefined),
  native<{ readonly dy: TensorInfo; readonly y: TensorInfo }>('SelfsupReluGrad', (backend, { dy, y }) =>
    areFloats(dy, y) ? runBinary(backend, K.reluGrad, dy, y, 'float32') : undefined),
  native<{ readonly dy: TensorInfo; readonly x: TensorInfo }>('SelfsupRelu6Grad', (backend, { dy, x }) =>
    areFloats(dy, x) ? runBinary(backend, K.relu6Grad, dy, x, 'float32') : undefined),
  addN,
];
