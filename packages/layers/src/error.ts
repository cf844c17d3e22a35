/** What went wrong, for programs. */
export type LayersErrorCode = 'invalid-option' | 'shape-mismatch' | 'batch-too-small';

/** Every error that `@selfsup/layers` throws on purpose. */
export class LayersError extends Error {
  readonly code: LayersErrorCode;

  constructor(code: LayersErrorCode, message: string) {
    super(message);
    this.name = 'LayersError';
    this.code = code;
  }
}
