/** What an optimizer could not work with, told apart by `code`. */
export type OptimErrorCode = 'shape-mismatch' | 'invalid-option' | 'unreadable-layer';

/** Thrown by everything in this package. Programs check `code`; the message is one sentence for a person. */
export class OptimError extends Error {
  readonly code: OptimErrorCode;

  constructor(code: OptimErrorCode, message: string) {
    super(message);
    this.name = 'OptimError';
    this.code = code;
  }
}
