import type { Variable } from '@tensorflow/tfjs-core';

/** A variable under the name that a checkpoint stores it by. Names are unique within a method. */
export interface NamedVariable {
  readonly name: string;
  readonly variable: Variable;
}
