/** What went wrong, for programs; the message is for people. */
export type AugmentErrorCode =
  | 'invalid-option'
  | 'invalid-image'
  | 'invalid-key'
  | 'invalid-parameters'
  | 'channel-mismatch'
  | 'size-mismatch'
  | 'pixels-needed';

/** The one error that this package throws. Decide by `code`, never by the text. */
export class AugmentError extends Error {
  readonly code: AugmentErrorCode;

  constructor(code: AugmentErrorCode, message: string) {
    super(message);
    this.name = 'AugmentError';
    this.code = code;
  }
}
