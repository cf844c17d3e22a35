import { EvalError } from './error.ts';
import { checkFeatures } from './features.ts';
import type { Features } from './features.ts';
import { checkSameDim } from './labels.ts';
import { unitRows } from './similarity.ts';

export interface AlignmentOptions {
  /** Power α of the distance. */
  readonly alpha?: number;
}

/**
 * How far apart two views of the same image are: mean over rows of ‖x / ‖x‖ − y / ‖y‖‖^α. 0 is best.
 *
 * @param a features of one view per image, `[rows, dim]`
 * @param b features of another view of the same images, in the same order
 * @throws EvalError `mismatch` when the shapes differ, `bad-option` for an α that is not positive
 * @see Wang & Isola 2020, "Understanding Contrastive Representation Learning through Alignment and Uniformity on the
 *   Hypersphere", equation 1
 */
export function alignment(a: Features, b: Features, options: AlignmentOptions = {}): number {
  const { alpha = 2 } = options;
  checkFeatures('a', a);
  checkFeatures('b', b);
  checkSameDim(a, b, ['a', 'b']);
  if (a.rows !== b.rows) {
    throw new EvalError('mismatch', `a has ${a.rows} rows but b has ${b.rows}; give two views of the same images.`);
  }
  if (!(alpha > 0)) throw new EvalError('bad-option', `alpha is ${alpha}; give a positive number such as 2.`);
  const unitA = unitRows(a);
  const unitB = unitRows(b);
  let total = 0;
  for (let row = 0; row < a.rows; row++) {
    let squares = 0;
    for (let i = row * a.dim; i < (row + 1) * a.dim; i++) squares += (unitA[i]! - unitB[i]!) ** 2;
    total += squares ** (alpha / 2);
  }
  return total / a.rows;
}
