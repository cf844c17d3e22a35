import { add, depthwiseConv2d as convolve, serialization, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { LayersError } from './error.ts';
import { biasInitializer, checkedInit, kernelInitializer } from './initial-weights.ts';
import type { KernelInit } from './initial-weights.ts';
import { imageShape, only, onlyShape, positiveInteger, slidingSize } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';

export interface DepthwiseConv2dOptions {
  /** Side of the square kernel; odd, since (kernelSize−1)/2 zeros go on each of the four sides. */
  readonly kernelSize: number;
  readonly strides?: number;
  readonly bias?: boolean;
  /** How the kernel starts; the bias starts at 0, but for `torch`. */
  readonly init?: KernelInit;
  /** Draws the initial weights. */
  readonly seed: number;
  readonly name?: string;
}

class DepthwiseConv2d extends layers.Layer {
  static className = 'SelfsupDepthwiseConv2d';
  private readonly settings: Required<Omit<DepthwiseConv2dOptions, 'name'>>;
  private kernel!: LayerVariable;
  private bias: LayerVariable | undefined;

  constructor(options: DepthwiseConv2dOptions) {
    super({ ...options });
    const { kernelSize, strides = 1, bias = false, init = 'he', seed } = options;
    positiveInteger(kernelSize, 'kernelSize', 'depthwiseConv2d');
    positiveInteger(strides, 'strides', 'depthwiseConv2d');
    if (kernelSize % 2 === 0) {
      throw new LayersError('invalid-option', `depthwiseConv2d: kernelSize is ${kernelSize}; it takes an odd number, which can be padded symmetrically.`);
    }
    this.settings = { kernelSize, strides, bias, init: checkedInit(init, 'depthwiseConv2d'), seed };
  }

  override build(inputShape: BatchShape | BatchShape[]): void {
    const { kernelSize, bias, init, seed } = this.settings;
    const [, , channels] = imageShape(inputShape, `depthwiseConv2d "${this.name}"`);
    const window = kernelSize * kernelSize;
    // torch counts the fan-out of a grouped convolution over all of its channels.
    const kernel = kernelInitializer(init, { in: window, out: window * channels }, seed);
    this.kernel = this.addWeight('depthwise_kernel', [kernelSize, kernelSize, channels, 1], 'float32', kernel);
    if (bias) this.bias = this.addWeight('bias', [channels], 'float32', biasInitializer(init, window, seed));
    super.build(inputShape);
  }

  override call(inputs: Inputs): Tensor {
    const { strides, kernelSize } = this.settings;
    return tidy(() => {
      const y = convolve(only(inputs) as Tensor4D, this.kernel.read() as Tensor4D, strides, (kernelSize - 1) / 2);
      return this.bias ? add(y, this.bias.read()) : y;
    });
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    const { kernelSize, strides } = this.settings;
    const layer = `depthwiseConv2d "${this.name}"`;
    const [height, width, channels] = imageShape(inputShape, layer);
    const out = (size: number): number => slidingSize(size, kernelSize, strides, (kernelSize - 1) / 2, layer);
    return [onlyShape(inputShape)[0] ?? null, out(height), out(width), channels];
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.settings };
  }
}
serialization.registerClass(DepthwiseConv2d);

/**
 * One kernel for each channel: `[batch, height, width, channels]` → `[batch, h, w, channels]`, with zeros on all four sides as in
 * PyTorch, h = ⌊(height − 1)/strides⌋ + 1.
 *
 * Weights: `depthwise_kernel` `[kernelSize, kernelSize, channels, 1]`, and `bias` `[channels]`, off by default.
 *
 * @throws LayersError `invalid-option`; `shape-mismatch` for what is no batch of images
 * @see torch.nn.Conv2d with groups = channels; Chollet 2017, https://arxiv.org/abs/1610.02357
 */
export function depthwiseConv2d(options: DepthwiseConv2dOptions): layers.Layer {
  return new DepthwiseConv2d(options);
}
