import { K } from '../engine/kernel-ids.ts';
import { runBinary } from './binary.ts';
import { areFloats, native } from './native.ts';
import type { NativeKernel, OperandPair } from './native.ts';

function compare(name: string, floats: number, ints: number, swapped = false): NativeKernel {
  return native<OperandPair>(name, (backend, inputs) => {
    const [a, b] = swapped ? [inputs.b, inputs.a] : [inputs.a, inputs.b];
    if (areFloats(a, b)) return runBinary(backend, floats, a, b, 'bool');
    return a.dtype === 'int32' && b.dtype === 'int32' ? runBinary(backend, ints, a, b, 'bool') : undefined;
  });
}

export const compareKernels: readonly NativeKernel[] = [
  compare('Equal', K.equal, K.equalInt),
  compare('NotEqual', K.notEqual, K.notEqualInt),
  compare('Greater', K.greater, K.greaterInt),
  compare('GreaterEqual', K.greaterEqual, K.greaterEqualInt),
  compare('Less', K.greater, K.greaterInt, true),
  compare('LessEqual', K.greaterEqual, K.greaterEqualInt, true),
];
