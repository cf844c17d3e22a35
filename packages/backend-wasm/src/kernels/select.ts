import { backend_util, util } from '@tensorflow/tfjs-core';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backend.ts';
import { K } from '../engine/kernel-ids.ts';
import { native } from './native.ts';
import type { NativeKernel } from './native.ts';
import { split } from './strides.ts';

/** Elements copied with their type changed; undefined for pairs of types that are left to tfjs-backend-cpu. */
function cast(backend: WasmBackend, x: TensorInfo, dtype: DataType): TensorInfo | undefined {
  if (x.dtype === dtype) return backend.alias(x, x.shape);
  const size = util.sizeFromShape(x.shape);
  const convert = (kernel: number, ...rest: readonly number[]): TensorInfo => {
    const out = backend.makeTensorInfo(x.shape, dtype);
    const [from, to] = [backend.address(x), backend.address(out)];
    backend.engine.run(kernel, [from, to, size, ...rest], split(size));
    return out;
  };
  if (x.dtype === 'float32' && dtype === 'int32') return convert(K.floatToInt);
  if (x.dtype === 'int32' && dtype === 'float32') return convert(K.intToFloat);
  if (x.dtype === 'bool' && (dtype === 'float32' || dtype === 'int32')) return convert(K.boolToNumber, Number(dtype === 'int32'));
  return undefined;
}

interface SelectInputs {
  readonly condition: TensorInfo;
  readonly t: TensorInfo;
  readonly e: TensorInfo;
}

const select = native<SelectInputs>('Select', (backend, { condition, t, e }) => {
  const [size, rows] = [util.sizeFromShape(t.shape), util.sizeFromShape(condition.shape)];
  const isWord = t.dtype === 'float32' || t.dtype === 'int32';
  const perRow = rows !== size;
  if (!isWord || e.dtype !== t.dtype || condition.dtype !== 'bool' || size === 0) return undefined;
  if (perRow && !(condition.shape.length === 1 && condition.shape[0] === t.shape[0])) return undefined;
  const out = backend.makeTensorInfo(t.shape, t.dtype);
  const [when, then, otherwise, to] = [backend.address(condition), backend.address(t), backend.address(e), backend.address(out)];
  backend.engine.run(K.select, [when, then, otherwise, to, size, size / rows], split(size));
  return out;
});

interface GatherInputs {
  readonly x: TensorInfo;
  readonly indices: TensorInfo;
}

const gather = native<GatherInputs, { readonly axis: number; readonly batchDims?: number }>('GatherV2', (backend, { x, indices }, attrs) => {
  const axis = util.parseAxisParam(attrs.axis, x.shape)[0]!;
  const isWord = x.dtype === 'float32' || x.dtype === 'int32';
  if (!isWord || indices.dtype !== 'int32' || (attrs.batchDims ?? 0) !== 0 || util.sizeFromShape(x.shape) === 0) return undefined;
  const places = backend.data.get(indices.dataId).values as Int32Array;
  const rows = x.shape[axis]!;
  for (const place of places) util.assert(place >= 0 && place < rows, () => `GatherV2: the index value ${place} is not in [0, ${rows - 1}]`);
  const { outerSize, sliceSize, outputShape } = backend_util.segment_util.collectGatherOpShapeInfo(x as never, indices as never, axis, 0);
  const count = places.length;
  const out = backend.makeTensorInfo(outputShape, x.dtype);
  const [from, list, to] = [backend.address(x), backend.address(indices), backend.address(out)];
  backend.engine.run(K.gatherRows, [from, list, to, outerSize, rows, count, sliceSize], split(outerSize * count * sliceSize));
  return out;
});

interface SegmentInputs {
  readonly x: TensorInfo;
  readonly segmentIds: TensorInfo;
}

const segmentSum = native<SegmentInputs, { readonly numSegments: number }>('UnsortedSegmentSum', (backend, { x, segmentIds }, { numSegments }) => {
  if (x.dtype !== 'float32' || segmentIds.dtype !== 'int32' || segmentIds.shape.length !== 1) return undefined;
  const rows = segmentIds.shape[0]!;
  const shape = [numSegments, ...x.shape.slice(1)];
  const out = backend.makeTensorInfo(shape, 'float32');
  const inner = util.sizeFromShape(shape.slice(1));
  const [from, ids, to] = [backend.address(x), backend.address(segmentIds), backend.address(out)];
  // Every part reads all rows.
  backend.engine.run(K.segmentSum, [from, ids, to, rows, inner, numSegments], split(rows * inner, 1));
  return out;
});

interface OneHotAttrs {
  readonly dtype: DataType;
  readonly depth: number;
  readonly onValue: number;
  readonly offValue: number;
}

const oneHot = native<{ readonly indices: TensorInfo }, OneHotAttrs>('OneHot', (backend, { indices }, { dtype, depth, onValue, offValue }) => {
  if (indices.dtype !== 'int32' || (dtype !== 'float32' && dtype !== 'int32')) return undefined;
  const out = backend.makeTensorInfo([...indices.shape, depth], dtype);
  const rows = util.sizeFromShape(indices.shape);
  const [list, to] = [backend.address(indices) / 4, backend.address(out) / 4];
  const { engine } = backend;
  const heap = dtype === 'float32' ? engine.f32 : engine.i32;
  heap.fill(offValue, to, to + rows * depth);
  for (let row = 0; row < rows; row++) {
    const place = engine.i32[list + row]!;
    if (place >= 0 && place < depth) heap[to + row * depth + place] = onValue;
  }
  return out;
});

export const selectKernels: readonly NativeKernel[] = [
  native<{ readonly x: TensorInfo }, { readonly dtype: DataType }>('Cast', (backend, { x }, { dtype }) => cast(backend, x, dtype)),
  select,
  gather,
  segmentSum,
  oneHot,
];
