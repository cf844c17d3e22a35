import { backend_util, util } from '@tensorflow/tfjs-core';
import type { MaxPoolAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import { K } from '../engine/kernel-ids.ts';
import { areFloats, native } from './native.ts';
import type { NativeKernel } from './native.ts';
import { split } from './strides.ts';

type PoolAttrs = Pick<MaxPoolAttrs, 'filterSize' | 'strides' | 'pad'> & { readonly dimRoundingMode?: 'floor' | 'round' | 'ceil' };

function poolInfo(shape: number[], { filterSize, strides, pad, dimRoundingMode }: PoolAttrs): backend_util.Conv2DInfo {
  return backend_util.computePool2DInfo(shape as [number, number, number, number], filterSize, strides, 1, pad, dimRoundingMode);
}

const geometry = (p: backend_util.Conv2DInfo): readonly number[] => [
  p.batchSize, p.inHeight, p.inWidth, p.inChannels, p.outHeight, p.outWidth, p.filterHeight, p.filterWidth, p.strideHeight,
  p.strideWidth, p.padInfo.top, p.padInfo.left,
];

const work = (p: backend_util.Conv2DInfo): number => util.sizeFromShape(p.outShape) * p.filterHeight * p.filterWidth;

function pool(name: string, kernel: number): NativeKernel {
  return native<{ readonly x: TensorInfo }, PoolAttrs>(name, (backend, { x }, attrs) => {
    const info = poolInfo(x.shape, attrs);
    if (info.filterHeight === 1 && info.filterWidth === 1 && util.arraysEqual(info.inShape, info.outShape)) return backend.alias(x, x.shape);
    if (x.dtype !== 'float32' || work(info) === 0) return undefined;
    const out = backend.makeTensorInfo(info.outShape, 'float32');
    const [from, to] = [backend.address(x), backend.address(out)];
    backend.engine.run(kernel, [from, to, ...geometry(info)], split(work(info)));
    return out;
  });
}

function poolGrad(name: string, kernel: number): NativeKernel {
  return native<{ readonly dy: TensorInfo; readonly input: TensorInfo }, PoolAttrs>(name, (backend, { dy, input }, attrs) => {
    const info = poolInfo(input.shape, attrs);
    if (!areFloats(dy, input) || work(info) === 0 || !util.arraysEqual(dy.shape, info.outShape)) return undefined;
    const out = backend.makeTensorInfo(input.shape, 'float32');
    const [slope, from, to] = [backend.address(dy), backend.address(input), backend.address(out)];
    backend.engine.run(kernel, [slope, to, ...geometry(info), from], split(work(info)));
    return out;
  });
}

export const poolKernels: readonly NativeKernel[] = [
  pool('MaxPool', K.maxPool),
  pool('AvgPool', K.avgPool),
  poolGrad('MaxPoolGrad', K.maxPoolGrad),
  poolGrad('AvgPoolGrad', K.avgPoolGrad),
];
