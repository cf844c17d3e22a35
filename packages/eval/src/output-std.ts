import { checkFeatures } from './features.ts';
import type { Features } from './features.ts';
import { unitRows } from './similarity.ts';

/**
 * How far features are from collapse: √dim · mean over dimensions of the standard deviation of x / ‖x‖ over the rows.
 *
 * 1 when the directions are spread evenly over the sphere, 0 when all images get the same direction. The standard
 * deviation is the population's (divides by rows).
 * @throws EvalError `bad-option`, `mismatch` or `non-finite` for features that cannot be used
 * @see Chen & He 2021, "Exploring Simple Siamese Representation Learning", section 4.1, where the healthy value is
 *   1/√dim because the factor √dim is left out
 */
export function outputStd(features: Features): number {
  checkFeatures('features', features);
  const { rows, dim } = features;
  const unit = unitRows(features);
  const mean = new Float64Array(dim);
  const variance = new Float64Array(dim);
  for (let i = 0; i < unit.length; i++) mean[i % dim] = mean[i % dim]! + unit[i]! / rows;
  for (let i = 0; i < unit.length; i++) variance[i % dim] = variance[i % dim]! + (unit[i]! - mean[i % dim]!) ** 2 / rows;
  return variance.reduce((sum, entry) => sum + Math.sqrt(entry), 0) / Math.sqrt(dim);
}
