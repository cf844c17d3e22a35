export { EvalError, type EvalErrorCode } from './error.ts';
export { extractFeatures, pixelFeatures, type Features, type ImageBatch } from './features.ts';
export { knn, type KnnOptions, type KnnResult } from './knn.ts';
export type { ClassLabels } from './labels.ts';
export { lbfgsSolver, type LbfgsSolverOptions } from './lbfgs-solver.ts';
export { linearProbe, type LinearProbeOptions, type LinearProbeResult } from './linear-probe.ts';
export type { ProbeProblem, ProbeSolver } from './probe-solver.ts';
