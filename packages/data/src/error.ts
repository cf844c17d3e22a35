/**
 * What went wrong:
 * - `bad-option` an argument that cannot be used
 * - `bad-format` a file that is not what its name or place says
 * - `truncated` a file that ends too early
 * - `mismatch` two things that must agree do not (labels and images, source and renderer, sizes)
 * - `not-found` a file or folder that is not there or holds nothing usable
 * - `unreadable-image` one image that could not be decoded
 * - `missing-dependency` an optional package that is not installed
 * - `out-of-range` an index outside the source
 * - `too-large` more data than fits in memory or a limit allows
 * - `worker-crashed` a rendering thread died again and again
 */
export type DataErrorCode =
  | 'bad-option'
  | 'bad-format'
  | 'truncated'
  | 'mismatch'
  | 'not-found'
  | 'unreadable-image'
  | 'missing-dependency'
  | 'out-of-range'
  | 'too-large'
  | 'worker-crashed';

/** Every error of this package. Check `code`; the message is for people. */
export class DataError extends Error {
  readonly code: DataErrorCode;

  constructor(code: DataErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DataError';
    this.code = code;
  }
}

/** The message of whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
