// What the benchmarks bundle.
export { createEngine } from '../src/engine/engine.ts';
export { conv2d, conv2dFilterGrad, conv2dInputGrad } from '../src/engine/conv.ts';
export { matMul } from '../src/engine/gemm.ts';
