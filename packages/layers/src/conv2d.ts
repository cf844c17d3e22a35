import { add, conv2d as convolve, serialization, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { LayersError } from './error.ts';
import { biasInitializer, checkedInit, kernelInitializer } from './initial-weights.ts';
import type { KernelInit } from './initial-weights.ts';
import { imageShape, nonNegativeInteger, only, onlyShape, positiveInteger, slidingSize } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';

export interface Conv2dOptions {
  readonly filters: number;
  /** Side of the square kernel. */
  readonly kernelSize: number;
  readonly strides?: number;
  /** Zeros on each of the four sides; `'same'` is (kernelSize−1)/2, for odd kernels. */
  readonly padding?: number | 'same';
  readonly bias?: boolean;
  /** How the kernel starts; the bias starts at 0, but for `torch`. */
  readonly init?: KernelInit;
  /** Draws the initial weights. */
  readonly seed: number;
  readonly name?: string;
}

class Conv2d extends layers.Layer {
  static className = 'SelfsupConv2d';
  private readonly settings: Required<Omit<Conv2dOptions, 'name' | 'padding'>> & { readonly padding: number };
  private kernel!: LayerVariable;
  private bias: LayerVariable | undefined;

  constructor(options: Conv2dOptions) {
    super({ ...options });
    const { filters, kernelSize, strides = 1, padding = 0, bias = false, init = 'he', seed } = options;
    positiveInteger(filters, 'filters', 'conv2d');
    positiveInteger(kernelSize, 'kernelSize', 'conv2d');
    positiveInteger(strides, 'strides', 'conv2d');
    if (padding === 'same' && kernelSize % 2 === 0) {
      throw new LayersError('invalid-option', `conv2d: padding 'same' cannot be symmetric for a kernel of ${kernelSize}; give a number of pixels.`);
    }
    const pixels = padding === 'same' ? (kernelSize - 1) / 2 : nonNegativeInteger(padding, 'padding', 'conv2d');
    this.settings = { filters, kernelSize, strides, padding: pixels, bias, init: checkedInit(init, 'conv2d'), seed };
  }

  override build(inputShape: BatchShape | BatchShape[]): void {
    const { filters, kernelSize, bias, init, seed } = this.settings;
    const [, , channels] = imageShape(inputShape, `conv2d "${this.name}"`);
    const window = kernelSize * kernelSize;
    const fan = { in: window * channels, out: window * filters };
    this.kernel = this.addWeight(
      'kernel',
      [kernelSize, kernelSize, channels, filters],
      'float32',
      kernelInitializer(init, fan, seed),
    );
    if (bias) this.bias = this.addWeight('bias', [filters], 'float32', biasInitializer(init, fan.in, seed));
    super.build(inputShape);
  }

  override call(inputs: Inputs): Tensor {
    const { strides, padding } = this.settings;
    return tidy(() => {
      const y = convolve(only(inputs) as Tensor4D, this.kernel.read() as Tensor4D, strides, padding);
      return this.bias ? add(y, this.bias.read()) : y;
    });
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    const { filters, kernelSize, strides, padding } = this.settings;
    const layer = `conv2d "${this.name}"`;
    const [height, width] = imageShape(inputShape, layer);
    const out = (size: number): number => slidingSize(size, kernelSize, strides, padding, layer);
    return [onlyShape(inputShape)[0] ?? null, out(height), out(width), filters];
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.settings };
  }
}
serialization.registerClass(Conv2d);

/**
 * Convolution `[batch, height, width, channels]` → `[batch, h, w, filters]` with zeros on all four sides, as in PyTorch:
 * h = ⌊(height + 2·padding − kernelSize)/strides⌋ + 1.
 *
 * The kernel `[kernelSize, kernelSize, channels, filters]` is drawn from N(0, 2/(kernelSize²·filters)) by default: He
 * initialisation by fan-out, as torchvision's ResNets have it. The bias, off by default, starts at 0.
 *
 * Deviation from Keras: `'same'` pads symmetrically, where TensorFlow puts the odd pixel after the image.
 *
 * @throws LayersError `invalid-option` for sizes that are not whole numbers, `shape-mismatch` when the kernel does not fit
 * @see He et al. 2015, https://arxiv.org/abs/1502.01852
 */
export function conv2d(options: Conv2dOptions): layers.Layer {
  return new Conv2d(options);
}
