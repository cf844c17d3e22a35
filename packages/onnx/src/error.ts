/** What went wrong, for programs. */
export type OnnxErrorCode = 'unsupported-layer' | 'unsupported-model' | 'model-too-large';

/** Every error that `@selfsup/onnx` throws on purpose. */
export class OnnxError extends Error {
  readonly code: OnnxErrorCode;

  constructor(code: OnnxErrorCode, message: string) {
    super(message);
    this.name = 'OnnxError';
    this.code = code;
  }
}
