import { util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backend.ts';
import { withScratch } from '../engine/blocks.ts';
import { f32 } from '../engine/engine.ts';
import { K } from '../engine/kernel-ids.ts';
import { native } from './native.ts';
import type { NativeKernel } from './native.ts';
import { split } from './strides.ts';

interface Group {
  size: number;
  readonly reduced: boolean;
}

/** Max calls its axes `reductionIndices`. */
interface ReduceAttrs {
  readonly axis?: number | number[];
  readonly reductionIndices?: number | number[];
  readonly keepDims: boolean;
}

/** Rows in the shortest stretch that a reduction is split into. */
const stretch = 256;
const mostStretches = 64;

/** x [outer, n, inner] → [outer, inner] at `out`. The way it is split depends on the shape alone, and so does the result. */
function reduceMiddle(backend: WasmBackend, kernel: number, x: number, out: number, outer: number, n: number, inner: number, divisor: number): void {
  const { engine } = backend;
  const items = outer * Math.ceil(inner / 64);
  const splits = Math.max(1, Math.min(Math.floor((n * inner) / (64 * stretch)), Math.floor(n / 16), Math.ceil(mostStretches / items)));
  if (splits === 1) {
    engine.run(kernel, [x, out, outer, n, inner, 1, f32(divisor)], { ...split(outer * n * inner), touches: { reads: [x], writes: [out] } });
    return;
  }
  withScratch(engine, 4 * outer * splits * inner, (partial) => {
    engine.run(kernel, [x, partial, outer, n, inner, splits, f32(1)], { ...split(outer * n * inner), touches: { reads: [x], writes: [partial] } });
    engine.run(kernel, [partial, out, outer, splits, inner, 1, f32(divisor)], { parts: 1, touches: { reads: [partial], writes: [out] } });
  });
}

/** The shape as alternating stretches of kept and reduced dimensions. */
function groupsOf(shape: readonly number[], axes: readonly number[]): Group[] {
  const groups: Group[] = [];
  for (const [d, size] of shape.entries()) {
    const reduced = axes.includes(d);
    const last = groups.at(-1);
    if (size === 1) continue;
    if (last?.reduced === reduced) last.size *= size;
    else groups.push({ size, reduced });
  }
  return groups;
}

function reducedShape(shape: readonly number[], axes: readonly number[], keepDims: boolean): number[] {
  return keepDims ? shape.map((size, d) => (axes.includes(d) ? 1 : size)) : shape.filter((_, d) => !axes.includes(d));
}

/** Reduces a float32 tensor over the axes; `mean` divides by how many numbers went into each result. */
export function runReduce(backend: WasmBackend, kernel: number, x: TensorInfo, attrs: ReduceAttrs, mean = false): TensorInfo | undefined {
  const axes = util.parseAxisParam((attrs.axis ?? attrs.reductionIndices)!, x.shape);
  const shape = reducedShape(x.shape, axes, attrs.keepDims);
  const [size, outSize] = [util.sizeFromShape(x.shape), util.sizeFromShape(shape)];
  if (size === 0) return undefined;
  const groups = groupsOf(x.shape, axes);
  const divisor = mean ? size / outSize : 1;
  const from = backend.address(x);
  if (!groups.some(({ reduced }) => reduced)) return backend.alias(x, shape);
  return reduceLast(backend, kernel, from, shape, groups, divisor);
}

/** Reduces the last group to be reduced, and then the ones before it. */
function reduceLast(backend: WasmBackend, kernel: number, from: number, shape: number[], groups: readonly Group[], divisor: number): TensorInfo {
  const at = groups.findLastIndex(({ reduced }) => reduced);
  const sizeOf = (some: readonly Group[]): number => some.reduce((product, { size }) => product * size, 1);
  const [outer, n, inner] = [sizeOf(groups.slice(0, at)), groups[at]!.size, sizeOf(groups.slice(at + 1))];
  if (groups.findIndex(({ reduced }) => reduced) === at) {
    const out = backend.makeTensorInfo(shape, 'float32');
    reduceMiddle(backend, kernel, from, backend.address(out), outer, n, inner, divisor);
    return out;
  }
  return withScratch(backend.engine, 4 * outer * inner, (next) => {
    reduceMiddle(backend, kernel, from, next, outer, n, inner, 1);
    return reduceLast(backend, kernel, next, shape, groups.toSpliced(at, 1), divisor);
  });
}

function reduce(name: string, kernel: number, mean = false): NativeKernel {
  return native<{ readonly x: TensorInfo }, ReduceAttrs>(name, (backend, { x }, attrs) =>
    x.dtype === 'float32' ? runReduce(backend, kernel, x, attrs, mean) : undefined);
}

/** Kernels over one axis of [outer, n, inner], whose output has `shape`. */
function alongAxis(
  backend: WasmBackend, kernel: number, x: TensorInfo, axis: number, out: TensorInfo, ...rest: readonly number[]
): TensorInfo {
  const outer = util.sizeFromShape(x.shape.slice(0, axis));
  const inner = util.sizeFromShape(x.shape.slice(axis + 1));
  const [from, to] = [backend.address(x), backend.address(out)];
  backend.engine.run(kernel, [from, to, outer, x.shape[axis]!, inner, ...rest], split(util.sizeFromShape(x.shape)));
  return out;
}

function argExtreme(name: string, smallest: number): NativeKernel {
  return native<{ readonly x: TensorInfo }, { readonly axis: number | number[] }>(name, (backend, { x }, attrs) => {
    const [axis, ...others] = util.parseAxisParam(attrs.axis, x.shape);
    if (x.dtype !== 'float32' || axis === undefined || others.length > 0 || util.sizeFromShape(x.shape) === 0) return undefined;
    return alongAxis(backend, K.argExtreme, x, axis, backend.makeTensorInfo(reducedShape(x.shape, [axis], false), 'int32'), smallest);
  });
}

const cumsum = native<{ readonly x: TensorInfo }, { readonly axis: number; readonly exclusive: boolean; readonly reverse: boolean }>(
  'Cumsum',
  (backend, { x }, { axis, exclusive, reverse }) => {
    const [place] = util.parseAxisParam(axis, x.shape);
    if (x.dtype !== 'float32' || place === undefined) return undefined;
    return alongAxis(backend, K.cumulativeSum, x, place, backend.makeTensorInfo(x.shape, 'float32'), Number(exclusive), Number(reverse));
  },
);

const softmax = native<{ readonly logits: TensorInfo }, { readonly dim: number }>('Softmax', (backend, { logits }, { dim }) => {
  const [axis] = util.parseAxisParam(dim, logits.shape);
  const size = util.sizeFromShape(logits.shape);
  if (logits.dtype !== 'float32' || axis !== logits.shape.length - 1 || size === 0) return undefined;
  const columns = logits.shape[axis]!;
  const out = backend.makeTensorInfo(logits.shape, 'float32');
  const [from, to] = [backend.address(logits), backend.address(out)];
  backend.engine.run(K.softmax, [from, to, size / columns, columns], split(size));
  return out;
});

/** Beyond so many, sorting is quicker than keeping a sorted list. */
const mostKept = 1024;

const topK = native<{ readonly x: TensorInfo }, { readonly k: number }>('TopK', (backend, { x }, { k }) => {
  const n = x.shape.at(-1)!;
  const size = util.sizeFromShape(x.shape);
  if (x.dtype !== 'float32' || size === 0 || k < 1 || k > Math.min(n, mostKept)) return undefined;
  const shape = [...x.shape.slice(0, -1), k];
  const [values, places] = [backend.makeTensorInfo(shape, 'float32'), backend.makeTensorInfo(shape, 'int32')];
  const [from, to, list] = [backend.address(x), backend.address(values), backend.address(places)];
  backend.engine.run(K.topK, [from, to, list, size / n, n, k], split(size));
  return [values, places];
});

export const reduceKernels: readonly NativeKernel[] = [
  reduce('Sum', K.reduceSum),
  reduce('Mean', K.reduceSum, true),
  reduce('Max', K.reduceMax),
  reduce('Min', K.reduceMin),
  reduce('Prod', K.reduceProd),
  argExtreme('ArgMax', 0),
  argExtreme('ArgMin', 1),
  cumsum,
  softmax,
  topK,
];
