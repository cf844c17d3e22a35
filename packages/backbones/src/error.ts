/** What went wrong, for programs. */
export type BackbonesErrorCode =
  | 'invalid-option'
  | 'shape-mismatch'
  | 'unknown-weight'
  | 'invalid-safetensors'
  | 'unsupported-dtype'
  | 'weight-mismatch'
  | 'unreadable-weights'
  | 'output-not-writable';

/** Every error that `@selfsup/backbones` throws on purpose. */
export class BackbonesError extends Error {
  readonly code: BackbonesErrorCode;

  constructor(code: BackbonesErrorCode, message: string) {
    super(message);
    this.name = 'BackbonesError';
    this.code = code;
  }
}
