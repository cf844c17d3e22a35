import { keep } from '@tensorflow/tfjs-core';
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

/** The loss of a batch and its gradient for every parameter that it reaches. */
export function lossAndGradients<Name extends string>(
  method: Method<Name>,
  views: Views<Name>,
  at: StepInfo,
): LossAndGradients {
  const parameters = method.parameters();
  const metrics: Record<string, Scalar> = {};
  const { value, gradients } = valueAndGradients(
    () => {
      const result = method.loss(views, at);
      for (const [name, metric] of Object.entries(result.metrics ?? {})) metrics[name] = keep(metric);
      return result.loss;
    },
    parameters.map(({ variable }) => variable),
  );
  const reached = parameters.flatMap(({ name }, index) => (gradients[index] ? [[name, gradients[index]] as const] : []));
  return { loss: value, metrics, gradients: new Map(reached) };
}
