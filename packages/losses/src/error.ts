/** What a loss could not work with, told apart by `code`. */
export type LossErrorCode = 'shape-mismatch' | 'batch-too-small' | 'invalid-option';

/** Thrown by everything in this package. Programs check `code`; the message is one sentence for a person. */
export class LossError extends Error {
  readonly code: LossErrorCode;

  constructor(code: LossErrorCode, message: string) {
    super(message);
    this.name = 'LossError';
    this.code = code;
  }
}
