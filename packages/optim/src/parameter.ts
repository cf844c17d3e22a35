import type { Variable } from '@tensorflow/tfjs-core';

/**
 * What a parameter is to an optimizer: LARS and weight decay leave out `bias` and `norm` in most published recipes.
 *
 * `norm` is the scale and offset of a normalisation layer, `bias` the offset of any other layer, `weight` the rest.
 */
export type Role = 'weight' | 'bias' | 'norm';

/** A trainable variable, with what an optimizer needs to know of it. */
export interface Parameter {
  /** Unique within a method, the same in every run: the optimizer's state is kept under it. */
  readonly name: string;
  readonly variable: Variable;
  readonly role: Role;
  /** Which part of the method it belongs to: `encoder`, `projector`, `predictor` or a name of the method's own. */
  readonly group: string;
}
