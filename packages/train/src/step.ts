import { dispose, tensor4d } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor4D } from '@tensorflow/tfjs-core';
import type { ViewBatch } from '@selfsup/data';
import type { Optimizer, StepInfo } from '@selfsup/optim';
import { TrainError } from './error.ts';
import { lossAndGradients } from './gradients.ts';
import type { Method, Views } from './method.ts';

/** The numbers of one optimizer step. */
export interface StepMetrics {
  readonly loss: number;
  readonly learningRate: number;
  /** The method's own diagnostics, by name. */
  readonly [name: string]: number;
}

/**
 * One optimizer step: forward, backward, update, `afterStep`.
 * @throws TrainError `non-finite-loss` before anything is updated, so that the weights stay usable
 */
export async function trainStep<Name extends string>(
  method: Method<Name>,
  optimizer: Optimizer,
  batch: ViewBatch<Name>,
  at: StepInfo,
): Promise<StepMetrics> {
  const owned: Tensor[] = [];
  try {
    const views = toTensors(method, batch, owned);
    const { loss, metrics, gradients } = lossAndGradients(method, views, at, batch.indices);
    owned.push(loss, ...Object.values(metrics), ...gradients.values());
    const [lossValue = Number.NaN] = await loss.data();
    if (!Number.isFinite(lossValue)) {
      throw new TrainError(
        'non-finite-loss',
        `The loss of ${method.name} became ${lossValue} at step ${at.step + 1} (epoch ${at.epoch + 1}); ` +
          'lower the learning rate, lengthen the warm-up, or check the input images.',
      );
    }
    const { learningRate } = optimizer.step(method.parameters(), gradients, at);
    const diagnostics: Record<string, number> = { ...method.afterStep?.(at) };
    for (const [name, metric] of Object.entries(metrics)) [diagnostics[name] = Number.NaN] = await metric.data();
    return { ...diagnostics, loss: lossValue, learningRate };
  } finally {
    dispose(owned);
  }
}

function toTensors<Name extends string>(method: Method<Name>, batch: ViewBatch<Name>, owned: Tensor[]): Views<Name> {
  const views: Partial<Record<Name, Tensor4D>> = {};
  for (const name of method.views) {
    const view = batch.views[name];
    if (view === undefined) {
      throw new TrainError(
        'invalid-options',
        `${method.name} reads a view named "${name}", but the batches hold ${Object.keys(batch.views).join(', ')}; ` +
          'give viewBatches a pipeline under that name.',
      );
    }
    const tensor = tensor4d(view.data, [...view.shape]);
    owned.push(tensor);
    views[name] = tensor;
  }
  return views as Views<Name>;
}
