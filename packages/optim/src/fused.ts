import { engine, getBackend, getKernel, tidy } from '@tensorflow/tfjs-core';
import type { NamedTensorMap, Tensor } from '@tensorflow/tfjs-core';
import type { Buffers } from './buffers.ts';
import type { Update } from './group.ts';

/** Whether the current backend has a kernel of this name. */
export function hasKernel(name: string): boolean {
  return getKernel(name, getBackend()) !== undefined;
}

/** Runs a kernel of the current backend that answers several tensors. */
export function runKernel(name: string, inputs: NamedTensorMap, attrs: object): Tensor[] {
  const outputs: Tensor | Tensor[] = engine().runKernel(name, inputs, attrs as never);
  return outputs as unknown as Tensor[];
}

/** A state that an optimizer keeps for each parameter. */
export interface FusedState {
  /** By which the kernel calls it. */
  readonly letter: string;
  /** After the parameter's name in the name of the buffer. */
  readonly suffix: string;
  /** One number, instead of one for each weight. */
  readonly scalar?: boolean;
}

/**
 * One update of all parameters by one kernel. It takes `w0`, `g0` and the states `v0` that are there, `w1`, …, and answers the
 * new weights and then the new states, in the storage of the old ones unless another tensor shares it.
 */
export function runFused(kernel: string, updates: readonly Update[], buffers: Buffers, states: readonly FusedState[], attrs: object): void {
  if (updates.length === 0) return;
  const inputs: NamedTensorMap = {};
  for (const [i, { parameter, gradient }] of updates.entries()) {
    const { name, variable } = parameter;
    inputs[`w${i}`] = variable;
    inputs[`g${i}`] = gradient;
    for (const { letter, suffix, scalar } of states) {
      const buffer = buffers.get(name + suffix, scalar ? [] : variable.shape);
      if (buffer) inputs[letter + i] = buffer;
    }
  }
  const [learningRates, weightDecays] = [updates.map(({ learningRate }) => learningRate), updates.map(({ weightDecay }) => weightDecay)];
  tidy(() => {
    const outputs = runKernel(kernel, inputs, { learningRates, weightDecays, ...attrs });
    for (const [i, { parameter }] of updates.entries()) {
      parameter.variable.assign(outputs[i]!);
      for (const [place, { suffix }] of states.entries()) buffers.set(parameter.name + suffix, outputs[(place + 1) * updates.length + i]!);
    }
  });
}
