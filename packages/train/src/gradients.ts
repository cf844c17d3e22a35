import { keep, tidy } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { StepInfo } from '@selfsup/optim';
import { valueAndGradients } from './backward.ts';
import type { Method, Views } from './method.ts';

/** One evaluation of a method's loss with its gradients. The caller owns, and disposes, every tensor in it. */
export interface LossAndGradients {
  readonly loss: Scalar;
  readonly metrics: Readonly<Record<string, Scalar>>;
  /** By `Parameter.name`. Parameters that the loss does not reach are left out. */
  readonly gradients: ReadonlyMap<string, Tensor>;
}

/**
 * The loss of a batch and its gradient for every parameter that it reaches.
 * @param indices of the batch's images in their source
 */
export function lossAndGradients<Name extends string>(
  method: Method<Name>,
  views: Views<Name>,
  at: StepInfo,
  indices: Int32Array,
): LossAndGradients {
  const parameters = method.parameters();
  const metrics: Record<string, Scalar> = {};
  const evaluate = (): Scalar => {
    const result = method.loss(views, at, indices);
    for (const [name, metric] of Object.entries(result.metrics ?? {})) metrics[name] = keep(metric);
    return result.loss;
  };
  // A baseline that learns nothing.
  if (parameters.length === 0) return { loss: tidy(evaluate), metrics, gradients: new Map() };
  const { value, gradients } = valueAndGradients(evaluate, parameters.map(({ variable }) => variable));
  const reached = parameters.flatMap(({ name }, index) => (gradients[index] ? [[name, gradients[index]] as const] : []));
  return { loss: value, metrics, gradients: new Map(reached) };
}
