import { backend_util, util } from '@tensorflow/tfjs-core';
import type {
  DepthwiseConv2dNativeAttrs, DepthwiseConv2dNativeBackpropFilterAttrs, DepthwiseConv2dNativeBackpropInputAttrs, FusedDepthwiseConv2DAttrs, TensorInfo,
} from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backend.ts';
import { depthwiseConv2d, depthwiseFilterGrad, depthwiseInputGrad } from '../engine/depthwise.ts';
import type { DepthwiseShape } from '../engine/depthwise.ts';
import { finish } from './activation.ts';
import type { Fused } from './activation.ts';
import { areFloats, native } from './native.ts';
import type { NativeKernel } from './native.ts';

type Geometry = Pick<DepthwiseConv2dNativeAttrs, 'strides' | 'pad'> & {
  readonly dilations?: [number, number] | number | null;
  readonly dimRoundingMode?: DepthwiseConv2dNativeAttrs['dimRoundingMode'] | undefined;
};

function infoOf(x: readonly number[], filter: readonly number[], { strides, pad, dilations, dimRoundingMode }: Geometry): backend_util.Conv2DInfo {
  return backend_util.computeConv2DInfo(x as never, filter as never, strides, dilations ?? 1, pad, dimRoundingMode, true, 'channelsLast');
}

function shapeOf(info: backend_util.Conv2DInfo): DepthwiseShape {
  return { ...info, padTop: info.padInfo.top, padLeft: info.padInfo.left, channelMultiplier: info.outChannels / info.inChannels };
}

function forward(backend: WasmBackend, x: TensorInfo, filter: TensorInfo, attrs: Geometry & { readonly dataFormat?: string }): TensorInfo | undefined {
  if (attrs.dataFormat === 'NCHW' || !areFloats(x, filter)) return undefined;
  const info = infoOf(x.shape, filter.shape, attrs);
  const out = backend.makeTensorInfo(info.outShape, 'float32');
  const [from, weights, to] = [backend.address(x), backend.address(filter), backend.address(out)];
  if (util.sizeFromShape(info.outShape) > 0) depthwiseConv2d(backend.engine, from, weights, to, shapeOf(info));
  return out;
}

interface Operands {
  readonly x: TensorInfo;
  readonly filter: TensorInfo;
}

export const depthwiseKernels: readonly NativeKernel[] = [
  native<Operands, DepthwiseConv2dNativeAttrs>('DepthwiseConv2dNative', (backend, { x, filter }, attrs) => forward(backend, x, filter, attrs as Geometry)),
  native<Operands & Fused, FusedDepthwiseConv2DAttrs>('FusedDepthwiseConv2D', (backend, { x, filter, bias, preluActivationWeights }, attrs) =>
    areFloats(bias, preluActivationWeights)
      ? finish(backend, forward(backend, x, filter, attrs as Geometry), bias, attrs.activation, preluActivationWeights, attrs.leakyreluAlpha)
      : undefined),
  native<{ readonly dy: TensorInfo; readonly filter: TensorInfo }, DepthwiseConv2dNativeBackpropInputAttrs>(
    'DepthwiseConv2dNativeBackpropInput',
    (backend, { dy, filter }, attrs) => {
      const info = infoOf(attrs.inputShape, filter.shape, attrs as Geometry);
      if (!areFloats(dy, filter) || !util.arraysEqual(dy.shape, info.outShape)) return undefined;
      const out = backend.makeTensorInfo(attrs.inputShape, 'float32');
      const [from, weights, to] = [backend.address(dy), backend.address(filter), backend.address(out)];
      depthwiseInputGrad(backend.engine, from, weights, to, shapeOf(info));
      return out;
    },
  ),
  native<{ readonly x: TensorInfo; readonly dy: TensorInfo }, DepthwiseConv2dNativeBackpropFilterAttrs>(
    'DepthwiseConv2dNativeBackpropFilter',
    (backend, { x, dy }, attrs) => {
      const info = infoOf(x.shape, attrs.filterShape, attrs as Geometry);
      if (!areFloats(x, dy) || !util.arraysEqual(dy.shape, info.outShape)) return undefined;
      const out = backend.makeTensorInfo(attrs.filterShape, 'float32');
      const [from, slope, to] = [backend.address(x), backend.address(dy), backend.address(out)];
      depthwiseFilterGrad(backend.engine, from, slope, to, shapeOf(info));
      return out;
    },
  ),
];
