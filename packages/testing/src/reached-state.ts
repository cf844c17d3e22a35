import { dispose, engine, keep } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { StepInfo } from '@selfsup/optim';
import type { Method, Views } from '@selfsup/train';
import { firstIndices } from './probe.ts';

/** The names of the state variables that a gradient of the loss reaches: there should be none. */
export function reachedState<Name extends string>(method: Method<Name>, views: Views<Name>, at: StepInfo): readonly string[] {
  const state = method.state();
  if (state.length === 0) return [];
  const indices = firstIndices(at.batchSize);
  const values: Tensor[] = state.map(({ variable }) => variable);
  const metrics: Tensor[] = [];
  const { value, grads } = engine().gradients(
    () => {
      const result = method.loss(views, at, indices);
      metrics.push(...Object.values(result.metrics ?? {}).map(keep));
      return result.loss;
    },
    values,
    undefined,
    true,
  );
  const gradients = grads as readonly (Tensor | null | undefined)[];
  const reached = state.filter((_, i) => gradients[i]).map(({ name }) => name);
  dispose([value, ...metrics, ...gradients.filter((gradient): gradient is Tensor => Boolean(gradient))]);
  return reached;
}
