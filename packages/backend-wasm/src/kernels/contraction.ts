import { backend_util, util } from '@tensorflow/tfjs-core';
import type { Conv2DAttrs, Conv2DBackpropFilterAttrs, Conv2DBackpropInputAttrs, FusedConv2DAttrs, TensorInfo } from '@tensorflow/tfjs-core';
import type { WasmBackend } from '../backend.ts';
import { conv2d, conv2dFilterGrad, conv2dInputGrad } from '../engine/conv.ts';
import type { ConvShape } from '../engine/conv.ts';
import { matMul } from '../engine/gemm.ts';
import { finish } from './activation.ts';
import type { Activation, Fused } from './activation.ts';
import { areFloats, native } from './native.ts';
import type { NativeKernel, OperandPair } from './native.ts';

interface MatMulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Whether a bias is one number for each column, which the engine adds while it has them in registers. */
const isRowBias = (bias: TensorInfo | undefined, columns: number): boolean =>
  bias !== undefined && util.sizeFromShape(bias.shape) === columns && (bias.shape.at(-1) === columns || columns === 1);

export function runMatMul(
  backend: WasmBackend, a: TensorInfo, b: TensorInfo, { transposeA, transposeB }: MatMulAttrs, bias?: TensorInfo, relu = false,
): TensorInfo | undefined {
  if (!areFloats(a, b, bias)) return undefined;
  const [batchShapeA, batchShapeB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const [batchA, batchB] = [util.sizeFromShape(batchShapeA), util.sizeFromShape(batchShapeB)];
  if (batchA !== batchB && batchA !== 1 && batchB !== 1) return undefined;
  const batchShape = backend_util.assertAndGetBroadcastShape(batchShapeA, batchShapeB);
  const [k, m] = transposeA ? a.shape.slice(-2) : a.shape.slice(-2).toReversed();
  const [n, depthB] = transposeB ? b.shape.slice(-2) : b.shape.slice(-2).toReversed();
  util.assert(k === depthB, () => `Error in matMul: inner shapes (${k}) and (${depthB}) of Tensors with shapes ${a.shape} and ${b.shape} must match.`);
  const out = backend.makeTensorInfo([...batchShape, m!, n!], 'float32');
  const [left, right, to] = [backend.address(a), backend.address(b), backend.address(out)];
  const batch = Math.max(batchA, batchB) * Math.min(1, batchA, batchB);
  matMul(backend.engine, left, right, to, {
    batch, m: m!, k: k!, n: n!, transposeA, transposeB, shareA: batchA === 1 && batch > 1, shareB: batchB === 1 && batch > 1,
    bias: bias === undefined ? 0 : backend.address(bias), relu,
  });
  return out;
}

function shapeOf(info: backend_util.Conv2DInfo): ConvShape {
  return { ...info, padTop: info.padInfo.top, padLeft: info.padInfo.left };
}

function convInfo(
  x: readonly number[], filter: readonly number[], { strides, pad, dimRoundingMode }: Pick<Conv2DAttrs, 'strides' | 'pad'> & { dimRoundingMode?: Conv2DAttrs['dimRoundingMode'] | undefined },
  dilations: [number, number] | number = 1,
): backend_util.Conv2DInfo {
  return backend_util.computeConv2DInfo(x as never, filter as never, strides, dilations, pad, dimRoundingMode, false, 'channelsLast');
}

function runConv(backend: WasmBackend, x: TensorInfo, filter: TensorInfo, attrs: Conv2DAttrs, bias?: TensorInfo, relu = false): TensorInfo | undefined {
  if (attrs.dataFormat === 'NCHW' || !areFloats(x, filter, bias)) return undefined;
  const info = convInfo(x.shape, filter.shape, attrs, attrs.dilations);
  const out = backend.makeTensorInfo(info.outShape, 'float32');
  const [from, weights, to] = [backend.address(x), backend.address(filter), backend.address(out)];
  if (util.sizeFromShape(info.outShape) === 0) return out;
  conv2d(backend.engine, from, weights, to, shapeOf(info), { bias: bias === undefined ? 0 : backend.address(bias), relu });
  return out;
}

export const contractionKernels: readonly NativeKernel[] = [
  native<OperandPair, MatMulAttrs>('BatchMatMul', (backend, { a, b }, attrs) => runMatMul(backend, a, b, attrs)),
  native<Fused & OperandPair, MatMulAttrs & { readonly activation?: Activation; readonly leakyreluAlpha?: number }>(
    '_FusedMatMul',
    (backend, { a, b, bias, preluActivationWeights }, attrs) => {
      if (!areFloats(bias, preluActivationWeights)) return undefined;
      const inside = isRowBias(bias, b.shape.at(attrs.transposeB ? -2 : -1)!);
      const relu = attrs.activation === 'relu' && (inside || bias === undefined);
      const product = runMatMul(backend, a, b, attrs, inside ? bias : undefined, relu);
      return finish(backend, product, inside ? undefined : bias, relu ? undefined : attrs.activation, preluActivationWeights, attrs.leakyreluAlpha);
    },
  ),
  native<{ readonly x: TensorInfo; readonly filter: TensorInfo }, Conv2DAttrs>('Conv2D', (backend, { x, filter }, attrs) => runConv(backend, x, filter, attrs)),
  native<Fused & { readonly x: TensorInfo; readonly filter: TensorInfo }, FusedConv2DAttrs>(
    'FusedConv2D',
    (backend, { x, filter, bias, preluActivationWeights }, attrs) => {
      if (!areFloats(bias, preluActivationWeights)) return undefined;
      const inside = isRowBias(bias, filter.shape[3]!);
      const relu = attrs.activation === 'relu' && (inside || bias === undefined);
      const product = runConv(backend, x, filter, attrs, inside ? bias : undefined, relu);
      return finish(backend, product, inside ? undefined : bias, relu ? undefined : attrs.activation, preluActivationWeights, attrs.leakyreluAlpha);
    },
  ),
  native<{ readonly dy: TensorInfo; readonly filter: TensorInfo }, Conv2DBackpropInputAttrs>('Conv2DBackpropInput', (backend, { dy, filter }, attrs) => {
    if (attrs.dataFormat === 'NCHW' || !areFloats(dy, filter)) return undefined;
    const info = convInfo(attrs.inputShape, filter.shape, attrs);
    if (!util.arraysEqual(dy.shape, info.outShape)) return undefined;
    const out = backend.makeTensorInfo(attrs.inputShape, 'float32');
    const [from, weights, to] = [backend.address(dy), backend.address(filter), backend.address(out)];
    conv2dInputGrad(backend.engine, from, weights, to, shapeOf(info));
    return out;
  }),
  native<{ readonly x: TensorInfo; readonly dy: TensorInfo }, Conv2DBackpropFilterAttrs>('Conv2DBackpropFilter', (backend, { x, dy }, attrs) => {
    if (attrs.dataFormat === 'NCHW' || !areFloats(x, dy)) return undefined;
    const info = convInfo(x.shape, attrs.filterShape, attrs);
    if (!util.arraysEqual(dy.shape, info.outShape)) return undefined;
    const out = backend.makeTensorInfo(attrs.filterShape, 'float32');
    const [from, slope, to] = [backend.address(x), backend.address(dy), backend.address(out)];
    conv2dFilterGrad(backend.engine, from, slope, to, shapeOf(info));
    return out;
  }),
];
