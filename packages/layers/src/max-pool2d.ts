import { maxPool, serialization } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { LayersError } from './error.ts';
import { imageShape, nonNegativeInteger, only, onlyShape, positiveInteger, slidingSize } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';

export interface MaxPool2dOptions {
  /** Side of the square window. */
  readonly size: number;
  /** Defaults to `size`. */
  readonly strides?: number;
  /** Pixels on each of the four sides that never win; at most half of `size`. */
  readonly padding?: number;
  readonly name?: string;
}

class MaxPool2d extends layers.Layer {
  static className = 'SelfsupMaxPool2d';
  private readonly settings: Required<Omit<MaxPool2dOptions, 'name'>>;

  constructor(options: MaxPool2dOptions) {
    super({ ...options });
    const { size, strides = size, padding = 0 } = options;
    positiveInteger(size, 'size', 'maxPool2d');
    positiveInteger(strides, 'strides', 'maxPool2d');
    nonNegativeInteger(padding, 'padding', 'maxPool2d');
    if (padding > size / 2) {
      throw new LayersError('invalid-option', `maxPool2d: padding is ${padding} for a window of ${size}; it can be at most half of the window.`);
    }
    this.settings = { size, strides, padding };
  }

  override call(inputs: Inputs): Tensor {
    const { size, strides, padding } = this.settings;
    return maxPool(only(inputs) as Tensor4D, size, strides, padding);
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    const { size, strides, padding } = this.settings;
    const layer = `maxPool2d "${this.name}"`;
    const [height, width, channels] = imageShape(inputShape, layer);
    const out = (pixels: number): number => slidingSize(pixels, size, strides, padding, layer);
    return [onlyShape(inputShape)[0] ?? null, out(height), out(width), channels];
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.settings };
  }
}
serialization.registerClass(MaxPool2d);

/**
 * The maximum of each window, `[batch, height, width, channels]` → `[batch, h, w, channels]`, padded on all four sides
 * as in PyTorch: h = ⌊(height + 2·padding − size)/strides⌋ + 1.
 *
 * @throws LayersError `invalid-option` for sizes that do not go together, `shape-mismatch` when the window does not fit
 * @see torch.nn.MaxPool2d
 */
export function maxPool2d(options: MaxPool2dOptions): layers.Layer {
  return new MaxPool2d(options);
}
