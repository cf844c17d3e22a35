import { util } from '@tensorflow/tfjs-core';
import { K } from '../engine/kernel-ids.ts';
import { runBinary } from './binary.ts';
import { areFloats, native } from './native.ts';
import type { NativeKernel, OperandPair } from './native.ts';
import { split } from './strides.ts';

function compare(name: string, floats: number, ints: number, swapped = false): NativeKernel {
  return native<OperandPair>(name, (backend, inputs) => {
    const [a, b] = swapped ? [inputs.b, inputs.a] : [inputs.a, inputs.b];
    if (areFloats(a, b)) return runBinary(backend, floats, a, b, 'bool');
    return a.dtype === 'int32' && b.dtype === 'int32' ? runBinary(backend, ints, a, b, 'bool') : undefined;
  });
}

function logical(name: string, kernel: number): NativeKernel {
  return native<OperandPair>(name, (backend, { a, b }) => {
    if (a.dtype !== 'bool' || b.dtype !== 'bool' || !util.arraysEqual(a.shape, b.shape)) return undefined;
    const [out, size] = [backend.makeTensorInfo(a.shape, 'bool'), util.sizeFromShape(a.shape)];
    backend.engine.run(kernel, [backend.address(a), backend.address(b), backend.address(out), size], split(size / 16));
    return out;
  });
}

export const compareKernels: readonly NativeKernel[] = [
  compare('Equal', K.equal, K.equalInt),
  compare('NotEqual', K.notEqual, K.notEqualInt),
  compare('Greater', K.greater, K.greaterInt),
  compare('GreaterEqual', K.greaterEqual, K.greaterEqualInt),
  compare('Less', K.greater, K.greaterInt, true),
  compare('LessEqual', K.greaterEqual, K.greaterEqualInt, true),
  logical('LogicalAnd', K.logicalAnd),
  logical('LogicalOr', K.logicalOr),
];
