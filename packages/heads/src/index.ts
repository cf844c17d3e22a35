export { byolPredictor, byolProjector } from './byol.ts';
export type { ByolHeadOptions } from './byol.ts';
export { HeadsError } from './error.ts';
export type { HeadsErrorCode } from './error.ts';
export { mlp } from './mlp.ts';
export type { MlpLayer, MlpOptions } from './mlp.ts';
export { simsiamPredictor, simsiamProjector } from './simsiam.ts';
export type { SimsiamPredictorOptions, SimsiamProjectorOptions } from './simsiam.ts';
