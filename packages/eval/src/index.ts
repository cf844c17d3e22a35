export { alignment, type AlignmentOptions } from './alignment.ts';
export { effectiveRank } from './effective-rank.ts';
export { EvalError, type EvalErrorCode } from './error.ts';
export { extractFeatures, pixelFeatures, type Features, type ImageBatch } from './features.ts';
export { knn, type KnnOptions, type KnnResult } from './knn.ts';
export type { ClassLabels } from './labels.ts';
export { lbfgsSolver, type LbfgsSolverOptions } from './lbfgs-solver.ts';
export { linearProbe, type LinearProbeOptions, type LinearProbeResult } from './linear-probe.ts';
export { nearestNeighbours, type NearestNeighbours, type NearestNeighboursOptions } from './nearest-neighbours.ts';
export { outputStd } from './output-std.ts';
export type { ProbeProblem, ProbeSolver } from './probe-solver.ts';
export { sgdSolver, type SgdSolverOptions } from './sgd-solver.ts';
export { umap, type MapPoint, type UmapOptions } from './umap.ts';
export { uniformity, type UniformityOptions } from './uniformity.ts';
export { renderReport } from './report/render-report.ts';
export type {
  MetricPoint, NeighbourStrip, ReportData, ReportImages, ReportMethod, ReportRow, ReportScore,
} from './report/report-data.ts';
