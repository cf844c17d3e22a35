import { util } from '@tensorflow/tfjs-core';
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { K } from '../engine/kernel-ids.ts';
import { areFloats, native } from './native.ts';
import type { NativeKernel } from './native.ts';
import { split } from './strides.ts';

interface ResizeAttrs {
  readonly alignCorners: boolean;
  readonly halfPixelCenters?: boolean;
}

const modes = ({ alignCorners, halfPixelCenters = false }: ResizeAttrs): readonly number[] => [Number(alignCorners), Number(halfPixelCenters)];

const resizeBilinear = native<{ readonly images: TensorInfo }, ResizeAttrs & { readonly size: [number, number] }>(
  'ResizeBilinear',
  (backend, { images }, attrs) => {
    const [batch, height, width, channels] = images.shape as [number, number, number, number];
    const shape = [batch, ...attrs.size, channels];
    const size = util.sizeFromShape(shape);
    if (images.dtype !== 'float32' || size === 0 || height * width === 0) return undefined;
    const out = backend.makeTensorInfo(shape, 'float32');
    const [from, to] = [backend.address(images), backend.address(out)];
    backend.engine.run(K.resizeBilinear, [from, to, batch, height, width, channels, ...attrs.size, ...modes(attrs)], split(4 * size));
    return out;
  },
);

/** The exact adjoint of the forward kernel, with half-pixel centres too, which tfjs-backend-cpu leaves out. */
const resizeBilinearGrad = native<{ readonly images: TensorInfo; readonly dy: TensorInfo }, ResizeAttrs>(
  'ResizeBilinearGrad',
  (backend, { images, dy }, attrs) => {
    const [batch, height, width, channels] = images.shape as [number, number, number, number];
    const [, newHeight, newWidth] = dy.shape as [number, number, number, number];
    if (!areFloats(images, dy) || util.sizeFromShape(images.shape) * util.sizeFromShape(dy.shape) === 0) return undefined;
    const out = backend.makeTensorInfo(images.shape, 'float32');
    const [from, to] = [backend.address(dy), backend.address(out)];
    const geometry = [batch, height, width, channels, newHeight, newWidth, ...modes(attrs)];
    backend.engine.run(K.resizeBilinearGrad, [from, to, ...geometry], split(4 * util.sizeFromShape(dy.shape)));
    return out;
  },
);

export const imageKernels: readonly NativeKernel[] = [resizeBilinear, resizeBilinearGrad];
