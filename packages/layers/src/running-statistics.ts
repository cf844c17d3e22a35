import { add, mul, split } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import type { LayerVariable } from '@tensorflow/tfjs-layers';
import { hasKernel, runKernel } from './fused.ts';

/** The mean and biased variance `[views · channels]` of each view in turn. */
export interface BatchStatistics {
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
  readonly views: number;
}

export interface RunningStatistics {
  readonly mean: LayerVariable;
  readonly variance: LayerVariable;
}

const KERNEL = 'SelfsupMoveStatistics';

/**
 * running ← momentum·running + (1−momentum)·batch, once for each view, in their order. As in PyTorch, the running variance takes the
 * unbiased variance, n/(n−1) of the one that normalises, where n are the `samples` of a channel in a view.
 *
 * One kernel where the backend has `SelfsupMoveStatistics`, six for each view elsewhere.
 */
export function moveStatistics(running: RunningStatistics, batch: BatchStatistics, momentum: number, samples: number): void {
  const { mean, variance, views } = batch;
  if (hasKernel(KERNEL)) {
    const inputs = { runningMean: running.mean.read(), runningVariance: running.variance.read(), mean, variance };
    const [newMean, newVariance] = runKernel(KERNEL, inputs, { momentum, samples, groups: views });
    running.mean.write(newMean!);
    running.variance.write(newVariance!);
    return;
  }
  const variances = split(variance, views);
  for (const [i, viewMean] of split(mean, views).entries()) {
    blend(running.mean, viewMean, momentum, 1 - momentum);
    blend(running.variance, variances[i]!, momentum, ((1 - momentum) * samples) / (samples - 1));
  }
}

function blend(running: LayerVariable, batch: Tensor, keep: number, take: number): void {
  running.write(add(mul(running.read(), keep), mul(batch, take)));
}
