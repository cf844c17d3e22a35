/**
 * What went wrong:
 * - `bad-option` an argument that cannot be used
 * - `mismatch` two things that must agree do not (features and labels, dimensions, shapes)
 * - `non-finite` a NaN or an infinity among the numbers
 */
export type EvalErrorCode = 'bad-option' | 'mismatch' | 'non-finite';

/** Every error of this package. Check `code`; the message is for people. */
export class EvalError extends Error {
  readonly code: EvalErrorCode;

  constructor(code: EvalErrorCode, message: string) {
    super(message);
    this.name = 'EvalError';
    this.code = code;
  }
}
