/** What went wrong, for programs: `options` wrong settings, `shape` a tensor that does not fit, `batch` too few samples. */
export type LayersErrorCode = 'options' | 'shape' | 'batch';

/** Every error that `@selfsup/layers` throws on purpose. */
export class LayersError extends Error {
  readonly code: LayersErrorCode;

  constructor(code: LayersErrorCode, message: string) {
    super(message);
    this.name = 'LayersError';
    this.code = code;
  }
}
