import { matMul, reshape, serialization, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { imageShape, only, onlyShape, positiveInteger } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';

export interface AdaptiveAveragePoolOptions {
  /** Cells a side. */
  readonly size: number;
  readonly name?: string;
}

class AdaptiveAveragePool extends layers.Layer {
  static className = 'SelfsupAdaptiveAveragePool';
  private readonly size: number;

  constructor(options: AdaptiveAveragePoolOptions) {
    super({ ...options });
    positiveInteger(options.size, 'size', 'adaptiveAveragePool');
    this.size = options.size;
  }

  override call(inputs: Inputs): Tensor {
    return tidy(() => {
      const x = only(inputs) as Tensor4D;
      const [batch, height, width, channels] = x.shape;
      const cells = this.size ** 2;
      const means = matMul(tensor2d(cellWeights(height, width, this.size), [cells, height * width]), reshape(x, [batch, height * width, channels]));
      return reshape(means, [batch, cells * channels]);
    });
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    const [, , channels] = imageShape(inputShape, `adaptiveAveragePool "${this.name}"`);
    return [onlyShape(inputShape)[0] ?? null, this.size ** 2 * channels];
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), size: this.size };
  }
}
serialization.registerClass(AdaptiveAveragePool);

/** What each pixel counts in each cell, `[size², height·width]`. */
function cellWeights(height: number, width: number, size: number): Float32Array {
  const weights = new Float32Array(size ** 2 * height * width);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const [top, bottom] = span(row, height, size);
      const [left, right] = span(column, width, size);
      const cell = (row * size + column) * height * width;
      const share = 1 / ((bottom - top) * (right - left));
      for (let y = top; y < bottom; y++) weights.fill(share, cell + y * width + left, cell + y * width + right);
    }
  }
  return weights;
}

/** The pixels of one cell along an axis, the last one excluded. */
const span = (cell: number, pixels: number, size: number): [number, number] => [
  Math.floor((cell * pixels) / size),
  Math.ceil(((cell + 1) * pixels) / size),
];

/**
 * The means of `size`×`size` cells, one after the other: `[batch, height, width, channels]` → `[batch, size²·channels]`, whatever the size of
 * the images that a call brings. Cells overlap by a pixel where the sides are no multiples of `size`, as in PyTorch.
 *
 * Deviation from PyTorch: the cells come flattened, all channels of the first, then of the next one in its row.
 *
 * @throws LayersError `invalid-option` for a size that is no positive whole number
 * @see torch.nn.AdaptiveAvgPool2d
 */
export function adaptiveAveragePool(options: AdaptiveAveragePoolOptions): layers.Layer {
  return new AdaptiveAveragePool(options);
}
