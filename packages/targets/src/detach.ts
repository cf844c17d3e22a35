import { clone, customGrad } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Runs a forward pass that no gradient goes through: nothing is recorded, and its activations are freed when it returns.
 *
 * TensorFlow.js has no stop-gradient. A custom-gradient op records none of the ops that it runs, and one *without
 * inputs* is never visited by the backward pass, so that not even zeros flow.
 */
export function withoutGradient<T extends Tensor>(forward: () => T): T {
  return customGrad<T>(() => ({ value: forward(), gradFunc: () => [] }))();
}

/**
 * Stop-gradient: the same values as `x`, and a constant to every gradient.
 *
 * Costs no copy. May be called inside and outside of a gradient.
 */
export function detach<T extends Tensor>(x: T): T {
  return withoutGradient(() => clone(x));
}
