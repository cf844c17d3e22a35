import { EvalError } from './error.ts';
import { checkFeatures } from './features.ts';
import type { Features } from './features.ts';
import { eachCosineRow } from './similarity.ts';

export interface UniformityOptions {
  /** Scale of the Gaussian potential. */
  readonly t?: number;
}

/**
 * How evenly features cover the sphere: ln of the mean over pairs i < j of exp(−t · ‖x_i / ‖x_i‖ − x_j / ‖x_j‖‖²).
 * 0 at collapse, lower is better; −2t is the value for pairs at right angles.
 *
 * Takes rows² / 2 exponentials: 2,000 rows are plenty.
 * @throws EvalError `bad-option` for fewer than two rows or a `t` that is not positive
 * @see Wang & Isola 2020, "Understanding Contrastive Representation Learning through Alignment and Uniformity on the
 *   Hypersphere", equation 2
 */
export async function uniformity(features: Features, options: UniformityOptions = {}): Promise<number> {
  const { t = 2 } = options;
  checkFeatures('features', features);
  if (features.rows < 2) throw new EvalError('bad-option', 'features has 1 row; uniformity is over pairs, so give two or more.');
  if (!(t > 0)) throw new EvalError('bad-option', `t is ${t}; give a positive number such as 2.`);
  let total = 0;
  await eachCosineRow(features, features, (row, cosines) => {
    for (let other = row + 1; other < cosines.length; other++) total += Math.exp(-2 * t * Math.max(0, 1 - cosines[other]!));
  });
  return Math.log(total / ((features.rows * (features.rows - 1)) / 2));
}
