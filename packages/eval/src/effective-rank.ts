import { checkFeatures } from './features.ts';
import type { Features } from './features.ts';
import { transposed } from './similarity.ts';
import { symmetricEigenvalues } from './symmetric-eigenvalues.ts';

/**
 * How many directions the features use: exp(−Σ p_k ln p_k) with p_k = σ_k / Σ σ_j, σ the singular values of the feature
 * matrix.
 *
 * From 1 (all rows on one line through the origin) to min(rows, dim). As in RankMe the features are not centred.
 * Deviation from RankMe: no ε is added to p. Singular values come from a float64 Gram matrix, exact to about 1e-8 of the
 * largest; smaller ones count as zero. Features that are all zero have rank 0.
 * @throws EvalError `bad-option`, `mismatch` or `non-finite` for features that cannot be used
 * @see Roy & Vetterli 2007, "The effective rank: a measure of effective dimensionality"
 * @see Garrido, Balestriero, Najman & LeCun 2023, "RankMe", equation 1
 */
export function effectiveRank(features: Features): number {
  checkFeatures('features', features);
  const { data, rows, dim } = features;
  const size = Math.min(rows, dim);
  const gram = rows >= dim ? gramOfColumns(data, rows, dim) : gramOfColumns(transposed(data, rows, dim), dim, rows);
  const squares = symmetricEigenvalues(gram, size);
  const smallest = squares[size - 1]! * 1e-15;
  const singular = squares.filter((square) => square > smallest).map(Math.sqrt);
  const sum = singular.reduce((total, value) => total + value, 0);
  if (sum === 0) return 0;
  return Math.exp(-singular.reduce((total, value) => total + (value / sum) * Math.log(value / sum), 0));
}

/** XᵀX `[columns, columns]` of X `[rows, columns]`, four rows per pass so that the sums are read and written less. */
function gramOfColumns(data: Float32Array, rows: number, columns: number): Float64Array {
  const gram = new Float64Array(columns * columns);
  const at = (row: number, column: number): number => (row < rows ? data[row * columns + column]! : 0);
  const b = new Float64Array(columns * 4);
  for (let row = 0; row < rows; row += 4) {
    for (let c = 0; c < columns; c++) for (let r = 0; r < 4; r++) b[c * 4 + r] = at(row + r, c);
    for (let i = 0; i < columns; i++) {
      const b0 = b[i * 4]!;
      const b1 = b[i * 4 + 1]!;
      const b2 = b[i * 4 + 2]!;
      const b3 = b[i * 4 + 3]!;
      for (let j = 0; j <= i; j++) {
        const sum = b0 * b[j * 4]! + b1 * b[j * 4 + 1]! + b2 * b[j * 4 + 2]! + b3 * b[j * 4 + 3]!;
        gram[i * columns + j] = gram[i * columns + j]! + sum;
      }
    }
  }
  for (let i = 0; i < columns; i++) for (let j = 0; j < i; j++) gram[j * columns + i] = gram[i * columns + j]!;
  return gram;
}
