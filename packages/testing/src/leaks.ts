import { memory } from '@tensorflow/tfjs-core';

/** How many tensors live, and what a repeated action added to them. */
export interface LeakReport {
  /** Live tensors after each repetition. */
  readonly tensors: readonly number[];
  /** Bytes that the backend holds after each repetition. */
  readonly bytes: readonly number[];
  /** True when neither grew after the first repetition. */
  readonly flat: boolean;
}

/** Repeats an action and watches `tf.memory()`. The first repetition may allocate what stays, such as momentum buffers. */
export async function watchMemory(action: () => void | Promise<void>, repetitions = 4): Promise<LeakReport> {
  const tensors: number[] = [];
  const bytes: number[] = [];
  for (let i = 0; i < repetitions; i++) {
    await action();
    tensors.push(memory().numTensors);
    bytes.push(memory().numBytes);
  }
  const flat = tensors.every((n) => n === tensors[0]) && bytes.every((n) => n === bytes[0]);
  return { tensors, bytes, flat };
}
