import { tensor, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Optimizer } from '@selfsup/optim';
import { TrainError } from './error.ts';
import type { Method } from './method.ts';

/** The values of one variable, out of the backend. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Everything that a training needs to go on exactly where it stood: a plain value, ready to be stored. */
export interface Checkpoint {
  readonly method: string;
  /** Optimizer steps taken. */
  readonly step: number;
  /** Under `parameter/…`, `state/…` and `optimizer/…`. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Copies parameters, the method's state and the optimizer's state out of the backend. */
export async function captureCheckpoint(method: Method, optimizer: Optimizer, step: number): Promise<Checkpoint> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, variable] of [...variablesOf(method), ...optimizerState(optimizer)]) {
    tensors.set(name, { shape: [...variable.shape], data: Float32Array.from(await variable.data()) });
  }
  return { method: method.name, step, tensors };
}

/**
 * Puts a checkpoint back into a method and an optimizer of the same configuration, and answers the step to resume at.
 * @throws TrainError `invalid-checkpoint` before anything is changed, naming the first tensor that does not fit
 */
export function restoreCheckpoint(checkpoint: Checkpoint, method: Method, optimizer: Optimizer): number {
  const own = variablesOf(method);
  for (const [name, variable] of own) {
    const stored = checkpoint.tensors.get(name);
    if (stored === undefined || stored.shape.join() !== variable.shape.join()) {
      throw new TrainError(
        'invalid-checkpoint',
        `The checkpoint of ${checkpoint.method} at step ${checkpoint.step} holds ${name} as ` +
          `${stored ? `[${stored.shape}]` : 'nothing'}, but this ${method.name} needs [${variable.shape}]; ` +
          'build the method with the options that it was trained with.',
      );
    }
  }
  tidy(() => {
    for (const [name, variable] of own) variable.assign(toTensor(checkpoint.tensors.get(name)!));
    const optimizerTensors = new Map<string, Tensor>();
    for (const [name, stored] of checkpoint.tensors) {
      if (name.startsWith('optimizer/')) optimizerTensors.set(name.slice('optimizer/'.length), toTensor(stored));
    }
    optimizer.restore(optimizerTensors);
  });
  return checkpoint.step;
}

function toTensor(stored: StoredTensor): Tensor {
  return tensor(stored.data, [...stored.shape]);
}

function variablesOf(method: Method): ReadonlyMap<string, Variable> {
  return new Map([
    ...method.parameters().map((parameter) => [`parameter/${parameter.name}`, parameter.variable] as const),
    ...method.state().map(({ name, variable }) => [`state/${name}`, variable] as const),
  ]);
}

function optimizerState(optimizer: Optimizer): ReadonlyMap<string, Variable> {
  return new Map([...optimizer.state()].map(([name, variable]) => [`optimizer/${name}`, variable] as const));
}
