export { OnnxError } from './error.ts';
export type { OnnxErrorCode } from './error.ts';
export { toOnnx } from './to-onnx.ts';
export type { OnnxOptions } from './to-onnx.ts';
