import { relu6 as cut, serialization } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { only, onlyShape } from './shapes.ts';
import type { BatchShape, Inputs } from './shapes.ts';

class Relu6 extends layers.Layer {
  static className = 'SelfsupRelu6';

  override call(inputs: Inputs): Tensor {
    return cut(only(inputs));
  }

  override computeOutputShape(inputShape: BatchShape | BatchShape[]): BatchShape {
    return onlyShape(inputShape);
  }
}
serialization.registerClass(Relu6);

/**
 * y = min(max(x, 0), 6), the activation of MobileNetV2.
 *
 * @see Sandler et al. 2018, https://arxiv.org/abs/1801.04381; torch.nn.ReLU6
 */
export function relu6(options: { readonly name?: string } = {}): layers.Layer {
  return new Relu6(options);
}
