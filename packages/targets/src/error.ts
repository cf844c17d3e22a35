/** What a target could not work with, told apart by `code`. */
export type TargetErrorCode = 'twin-mismatch' | 'invalid-momentum';

/** Thrown by everything in this package. Programs check `code`; the message is one sentence for a person. */
export class TargetError extends Error {
  readonly code: TargetErrorCode;

  constructor(code: TargetErrorCode, message: string) {
    super(message);
    this.name = 'TargetError';
    this.code = code;
  }
}
