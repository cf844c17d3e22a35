import { matMul, tensor2d, tidy } from '@tensorflow/tfjs-core';
import { designMatrix, noScaling, standardScaling } from './design-matrix.ts';
import { EvalError } from './error.ts';
import { checkFeatures } from './features.ts';
import type { Features } from './features.ts';
import { accuracyOf, checkLabels, checkSameDim } from './labels.ts';
import type { ClassLabels } from './labels.ts';
import { lbfgsSolver } from './lbfgs-solver.ts';
import type { ProbeSolver } from './probe-solver.ts';
import { argMaxRows } from './softmax.ts';

export interface LinearProbeOptions {
  readonly train: Features;
  readonly trainLabels: ClassLabels;
  readonly test: Features;
  readonly testLabels: ClassLabels;
  /** Number of classes; labels are 0 … classes − 1. */
  readonly classes: number;
  /** For solvers that draw random numbers. The default solver draws none. */
  readonly seed: number;
  /** Scale each dimension to mean 0 and deviation 1 by the train features' statistics. */
  readonly standardize?: boolean;
  readonly solver?: ProbeSolver;
}

export interface LinearProbeResult {
  /** Top-1 on the test rows, from 0 to 1. */
  readonly accuracy: number;
  readonly trainAccuracy: number;
  /** What to print beside the number. */
  readonly protocol: string;
  /** The predicted class of each test row. */
  readonly predictions: Int32Array;
  /** `confusion[label][prediction]` counts test rows. */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * Linear evaluation: multinomial logistic regression on frozen features.
 *
 * The protocol is fixed before any test label is seen: no choice is made by test accuracy. A dimension whose deviation
 * is below a tenth of the typical one is divided by that tenth, so that nearly constant pixels are not blown up.
 * Deviation from the papers: features are computed once from unaugmented images, where BYOL and SimSiam train the
 * probe on random crops and flips.
 * @throws EvalError `mismatch` for dimensions or labels that do not agree, `bad-option` for labels outside the classes,
 *   `non-finite` for NaN or infinity among the features or when the solver diverges
 * @see Zhang, Isola & Efros 2016, "Colorful Image Colorization"; Kolesnikov, Zhai & Beyer 2019 for logistic regression
 *   by L-BFGS on frozen features
 */
export async function linearProbe(options: LinearProbeOptions): Promise<LinearProbeResult> {
  const { train, trainLabels, test, testLabels, classes, seed, standardize = true, solver = lbfgsSolver() } = options;
  checkFeatures('train', train);
  checkFeatures('test', test);
  checkSameDim(train, test);
  if (!Number.isInteger(classes) || classes < 2) {
    throw new EvalError('bad-option', `classes is ${classes}; give a whole number of at least 2.`);
  }
  checkLabels('trainLabels', trainLabels, train, classes);
  checkLabels('testLabels', testLabels, test, classes);

  const scaling = standardize ? standardScaling(train) : noScaling(train.dim);
  const inputs = designMatrix(train, scaling);
  const weights = await solver.fit({ inputs, labels: trainLabels, classes, seed });
  const broken = weights.find((weight) => !Number.isFinite(weight));
  if (broken !== undefined) {
    throw new EvalError('non-finite', `The probe (${solver.protocol}) diverged to ${broken}; lower its learning rate.`);
  }
  const predictions = await predict(designMatrix(test, scaling), weights, classes);
  const confusion = Array.from({ length: classes }, () => Array.from({ length: classes }, () => 0));
  for (let row = 0; row < test.rows; row++) {
    const counts = confusion[testLabels[row]!]!;
    counts[predictions[row]!] = counts[predictions[row]!]! + 1;
  }
  return {
    accuracy: accuracyOf(predictions, testLabels),
    trainAccuracy: accuracyOf(await predict(inputs, weights, classes), trainLabels),
    protocol: `linear probe, ${standardize ? 'standardized features' : 'raw features'}, ${solver.protocol}`,
    predictions,
    confusion,
  };
}

async function predict(inputs: Features, weights: Float32Array, classes: number): Promise<Int32Array> {
  const logits = tidy(() =>
    matMul(tensor2d(inputs.data, [inputs.rows, inputs.dim]), tensor2d(weights, [inputs.dim, classes])),
  );
  const values = await logits.data<'float32'>();
  logits.dispose();
  return argMaxRows(values, classes);
}
