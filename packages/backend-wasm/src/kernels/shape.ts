import { backend_util, slice_util, util } from '@tensorflow/tfjs-core';
import type { DataType, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backend.ts';
import { f32 } from '../engine/engine.ts';
import { K } from '../engine/kernel-ids.ts';
import { native } from './native.ts';
import type { NativeKernel } from './native.ts';
import { contiguousStrides, mergeDimensions, outerArguments, split } from './strides.ts';

const maxOuterRank = 8;

interface X {
  readonly x: TensorInfo;
}

/** Whether elements are of 4 bytes, as the kernels here move them. */
const isWord = (...tensors: readonly TensorInfo[]): boolean => tensors.every(({ dtype }) => dtype === 'float32' || dtype === 'int32');

/** Elements of a strided walk: where it starts in an operand, and its strides. */
interface Walk {
  readonly address: number;
  readonly offset?: number;
  readonly strides: readonly number[];
}

/** Copies the elements of `shape` from one walk to another; false when the walk has too many dimensions. */
function copy({ engine }: WasmBackend, shape: readonly number[], from: Walk, to: Walk): boolean {
  const size = util.sizeFromShape(shape as number[]);
  if (size === 0) return true;
  const dimensions = mergeDimensions(shape, from.strides, to.strides);
  if (dimensions.length - 1 > maxOuterRank) return false;
  const inner = dimensions.at(-1)!;
  const [source, target] = [from.address + 4 * (from.offset ?? 0), to.address + 4 * (to.offset ?? 0)];
  engine.run(K.copyStrided, [source, target, size, inner.size, ...inner.strides, dimensions.length - 1, ...outerArguments(dimensions)], { ...split(size), touches: { reads: [from.address], writes: [to.address] } });
  return true;
}

/** A new tensor whose element [i, j, …] is the element of `x` at offset + i·strides[0] + j·strides[1] + …. */
function gatherStrided(backend: WasmBackend, x: TensorInfo, shape: number[], strides: readonly number[], offset = 0, walked: readonly number[] = shape): TensorInfo | undefined {
  const address = backend.address(x);
  const out = backend.makeTensorInfo(shape, x.dtype);
  if (copy(backend, walked, { address, offset, strides }, { address: backend.address(out), strides: contiguousStrides(walked) })) return out;
  backend.disposeIntermediateTensorInfo(out);
  return undefined;
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

export function transpose(backend: WasmBackend, x: TensorInfo, perm: readonly number[]): TensorInfo | undefined {
  const shape = perm.map((d) => x.shape[d]!);
  const strides = contiguousStrides(x.shape);
  const outStrides = perm.map((d) => strides[d]!);
  const walk = mergeDimensions(shape, outStrides);
  const [rows, columns] = walk.slice(-2);
  // [batch, a, b] → [batch, b, a] has a kernel of its own.
  const matrix = columns !== undefined && rows!.strides[0] === 1 && columns.strides[0] === rows!.size;
  const batch = walk.slice(0, -2);
  const contiguousBatch = batch.length === 0 || (batch.length === 1 && batch[0]!.strides[0] === rows!.size * columns!.size);
  if (!matrix || !contiguousBatch) return gatherStrided(backend, x, shape, outStrides);
  const out = backend.makeTensorInfo(shape, x.dtype);
  const [from, to] = [backend.address(x), backend.address(out)];
  backend.engine.run(K.transposeMatrix, [from, to, batch[0]?.size ?? 1, columns.size, rows!.size], split(util.sizeFromShape(shape)));
  return out;
}

/** The tensors side by side along an axis; every one of `shapes` is that of its tensor, as it is to be read. */
function concat(backend: WasmBackend, tensors: readonly TensorInfo[], shapes: readonly number[][], axis: number): TensorInfo {
  const shape = backend_util.computeOutShape(shapes as number[][], axis);
  const sources = tensors.map((tensor) => backend.address(tensor));
  const out = backend.makeTensorInfo(shape, tensors[0]!.dtype);
  const address = backend.address(out);
  const strides = contiguousStrides(shape);
  let place = 0;
  for (const [i, source] of sources.entries()) {
    const from = { address: source, strides: contiguousStrides(shapes[i]!) };
    // Neighbouring dimensions always merge to at most two.
    copy(backend, shapes[i]!, from, { address, offset: place * strides[axis]!, strides });
    place += shapes[i]![axis]!;
  }
  return out;
}

function slice(backend: WasmBackend, x: TensorInfo, begin: readonly number[], size: number[]): TensorInfo | undefined {
  const strides = contiguousStrides(x.shape);
  return gatherStrided(backend, x, size, strides, dot(begin, strides));
}

function filled(backend: WasmBackend, shape: number[], value: number): TensorInfo {
  const out = backend.makeTensorInfo(shape, 'float32');
  const address = backend.address(out);
  const size = util.sizeFromShape(shape);
  backend.engine.run(K.fill, [address, size, f32(value)], split(size));
  return out;
}

/** The slices of `x` along an axis that are sizes[0], sizes[1], … long; without the axis when `squeeze`. */
function slices(backend: WasmBackend, x: TensorInfo, axis: number, sizes: readonly number[], squeeze: boolean): TensorInfo[] | undefined {
  const strides = contiguousStrides(x.shape);
  let place = 0;
  const parts = sizes.map((size) => {
    const walked = x.shape.with(axis, size);
    const part = gatherStrided(backend, x, squeeze ? walked.toSpliced(axis, 1) : walked, strides, place * strides[axis]!, walked);
    place += size;
    return part!;
  });
  return parts;
}

export const shapeKernels: readonly NativeKernel[] = [
  native<X, { readonly perm: readonly number[] }>('Transpose', (backend, { x }, { perm }) =>
    isWord(x) && util.sizeFromShape(x.shape) > 0 ? transpose(backend, x, perm) : undefined),
  native<X, { readonly begin: number | number[]; readonly size: number | number[] }>('Slice', (backend, { x }, attrs) => {
    if (!isWord(x)) return undefined;
    const [begin, size] = slice_util.parseSliceParams(x as never, attrs.begin, attrs.size) as [number[], number[]];
    slice_util.assertParamsValid(x as never, begin, size);
    return slice(backend, x, begin, size);
  }),
  native<readonly TensorInfo[], { readonly axis: number }>('Concat', (backend, tensors, attrs) => {
    const filledOnes = tensors.filter(({ shape }) => util.sizeFromShape(shape) > 0);
    const shapes = tensors.map(({ shape }) => shape);
    const axis = util.parseAxisParam(attrs.axis, shapes[0]!)[0]!;
    const sameType = tensors.every(({ dtype }) => dtype === tensors[0]!.dtype);
    if (!isWord(...tensors) || !sameType || filledOnes.length < 2) return undefined;
    backend_util.assertParamsConsistent(shapes, axis);
    return concat(backend, filledOnes, filledOnes.map(({ shape }) => shape), axis);
  }),
  native<readonly TensorInfo[], { readonly axis: number }>('Pack', (backend, tensors, { axis }) => {
    const [first] = tensors as [TensorInfo];
    for (const { shape, dtype } of tensors) {
      util.assertShapesMatch(first.shape, shape, 'All tensors passed to stack must have matching shapes');
      util.assert(dtype === first.dtype, () => 'All tensors passed to stack must have matching dtypes');
    }
    if (!isWord(...tensors) || util.sizeFromShape(first.shape) === 0) return undefined;
    return concat(backend, tensors, tensors.map(({ shape }) => shape.toSpliced(axis, 0, 1)), axis);
  }),
  native<{ readonly value: TensorInfo }, { readonly axis: number }>('Unpack', (backend, { value }, attrs) => {
    const axis = attrs.axis < 0 ? attrs.axis + value.shape.length : attrs.axis;
    return isWord(value) ? slices(backend, value, axis, Array.from({ length: value.shape[axis]! }, () => 1), true) : undefined;
  }),
  native<X, { readonly numOrSizeSplits: number[] | number; readonly axis: number }>('SplitV', (backend, { x }, attrs) => {
    const axis = util.parseAxisParam(attrs.axis, x.shape)[0]!;
    return isWord(x) ? slices(backend, x, axis, backend_util.prepareSplitSize(x as never, attrs.numOrSizeSplits, axis), false) : undefined;
  }),
  native<X, { readonly reps: readonly number[] }>('Tile', (backend, { x }, { reps }) => {
    if (!isWord(x)) return undefined;
    const strides = contiguousStrides(x.shape);
    const shape = x.shape.map((size, d) => size * reps[d]!);
    return gatherStrided(backend, x, shape, strides.flatMap((stride) => [0, stride]), 0, x.shape.flatMap((size, d) => [reps[d]!, size]));
  }),
  native<X, { readonly dims: number | number[] }>('Reverse', (backend, { x }, { dims }) => {
    if (!isWord(x) || x.shape.length === 0) return undefined;
    const axes = util.parseAxisParam(dims, x.shape);
    const strides = contiguousStrides(x.shape);
    const offset = axes.reduce((sum, d) => sum + (x.shape[d]! - 1) * strides[d]!, 0);
    return gatherStrided(backend, x, x.shape, strides.map((stride, d) => (axes.includes(d) ? -stride : stride)), offset);
  }),
  native<X, { readonly paddings: readonly (readonly [number, number])[]; readonly constantValue: number }>('PadV2', (backend, { x }, attrs) => {
    if (x.dtype !== 'float32') return undefined;
    const shape = x.shape.map((size, d) => attrs.paddings[d]![0] + size + attrs.paddings[d]![1]);
    const strides = contiguousStrides(shape);
    const source = backend.address(x);
    const out = filled(backend, shape, attrs.constantValue);
    const to = { address: backend.address(out), offset: dot(attrs.paddings.map(([before]) => before), strides), strides };
    copy(backend, x.shape, { address: source, strides: contiguousStrides(x.shape) }, to);
    return out;
  }),
  native<X>('Identity', (backend, { x }) => backend.alias(x, x.shape)),
  native<object, { readonly shape: number[]; readonly value: number | string; readonly dtype?: DataType }>('Fill', (backend, _, { shape, value, dtype }) =>
    typeof value === 'number' && (dtype ?? 'float32') === 'float32' ? filled(backend, shape, value) : undefined),
  native<X>('ZerosLike', (backend, { x }) => (x.dtype === 'float32' ? filled(backend, x.shape, 0) : undefined)),
  native<X>('OnesLike', (backend, { x }) => (x.dtype === 'float32' ? filled(backend, x.shape, 1) : undefined)),
];
