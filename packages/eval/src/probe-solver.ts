import type { Features } from './features.ts';
import type { ClassLabels } from './labels.ts';

/** Multinomial logistic regression on fixed features, as `linearProbe` hands it to a solver. */
export interface ProbeProblem {
  /** `[rows, dim + 1]`; the last column is all ones, for the bias. */
  readonly inputs: Features;
  readonly labels: ClassLabels;
  readonly classes: number;
  readonly seed: number;
}

/** A way to fit the linear classifier. Choose one before you look at any test accuracy. */
export interface ProbeSolver {
  /** What to print beside the number. */
  readonly protocol: string;
  /** Answers the weights `[dim + 1, classes]`, bias last. */
  readonly fit: (problem: ProbeProblem) => Promise<Float32Array>;
}
