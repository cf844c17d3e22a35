import { customGrad, logSoftmax, mul, neg, oneHot, sum } from '@tensorflow/tfjs-core';
import type { GradSaveFunc, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { hasKernel, runKernel } from './fused.ts';

const FORWARD = 'SelfsupSoftmaxCrossEntropy';
const BACKWARD = 'SelfsupSoftmaxCrossEntropyGrad';

/**
 * −log softmax(logits) at the label of each row, `[rows]`; differentiates the logits.
 *
 * A row whose label is none of its columns counts 0. One fused kernel each way where the backend has them, which keep no
 * matrix but the logits.
 * @param logits `[rows, classes]`
 * @param labels `[rows]`, int32
 */
export function softmaxCrossEntropy(logits: Tensor2D, labels: Tensor1D): Tensor1D {
  if (!hasKernel(FORWARD) || !hasKernel(BACKWARD)) {
    return neg(sum<Tensor1D>(mul(logSoftmax(logits), oneHot(labels, logits.shape[1], 1, 0, 'float32')), -1));
  }
  return customGrad<Tensor1D>((...args) => {
    const [x, save] = args as [Tensor2D, GradSaveFunc];
    const [value, logSum] = runKernel(FORWARD, { logits: x, labels }) as [Tensor1D, Tensor1D];
    save([x, labels, logSum]);
    return {
      value,
      gradFunc: (dloss: Tensor1D, saved) => {
        const [savedX, savedLabels, savedSum] = saved as [Tensor, Tensor, Tensor];
        return runKernel(BACKWARD, { dloss, logits: savedX, labels: savedLabels, logSum: savedSum })[0]!;
      },
    };
  })(logits);
}
