import { variable } from '@tensorflow/tfjs-core';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { OptimError } from './error.ts';

/** Named state of an optimizer. */
export interface Buffers {
  /**
   * The value under a name, or `undefined` before it was first set.
   * @throws OptimError `shape-mismatch` when a restored value has another shape
   */
  readonly get: (name: string, shape: readonly number[]) => Variable | undefined;
  readonly set: (name: string, value: Tensor) => void;
  readonly state: () => ReadonlyMap<string, Variable>;
  readonly restore: (state: ReadonlyMap<string, Tensor>) => void;
  readonly dispose: () => void;
}

/** Buffers that come into being when they are first set, as in torch: a first momentum is the gradient itself. */
export function createBuffers(): Buffers {
  const buffers = new Map<string, Variable>();
  const dispose = (): void => {
    for (const buffer of buffers.values()) buffer.dispose();
    buffers.clear();
  };
  const set = (name: string, value: Tensor): void => {
    const buffer = buffers.get(name);
    if (buffer) buffer.assign(value);
    else buffers.set(name, variable(value, false));
  };
  return {
    get: (name, shape) => {
      const buffer = buffers.get(name);
      if (buffer) checkShape(`The optimizer's state "${name}"`, buffer, shape);
      return buffer;
    },
    set,
    state: () => buffers,
    restore: (state) => {
      // Made before the old ones go: `state` may be this very map.
      const restored = [...state].map(([name, value]) => [name, variable(value, false)] as const);
      dispose();
      for (const [name, buffer] of restored) buffers.set(name, buffer);
    },
    dispose,
  };
}

/** @throws OptimError `shape-mismatch` */
export function checkShape(what: string, value: Tensor, shape: readonly number[]): void {
  if (value.shape.length === shape.length && value.shape.every((size, axis) => size === shape[axis])) return;
  throw new OptimError(
    'shape-mismatch',
    `${what} has the shape [${value.shape.join(', ')}], but its parameter has [${shape.join(', ')}]; ` +
      'it was made for another network.',
  );
}
