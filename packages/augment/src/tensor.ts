export { tensorPipeline } from './tensor/tensor-pipeline.ts';
export type { TensorPipeline } from './tensor/tensor-pipeline.ts';
