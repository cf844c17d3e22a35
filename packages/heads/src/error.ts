/** What went wrong, for programs. */
export type HeadsErrorCode = 'invalid-option' | 'shape-mismatch';

/** Every error that `@selfsup/heads` throws on purpose. */
export class HeadsError extends Error {
  readonly code: HeadsErrorCode;

  constructor(code: HeadsErrorCode, message: string) {
    super(message);
    this.name = 'HeadsError';
    this.code = code;
  }
}
