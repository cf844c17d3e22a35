export { exportWeights, importWeights } from './weights/weight-files.ts';
