/** What went wrong, for programs: `options` wrong settings, `shape` features that the head cannot take. */
export type HeadsErrorCode = 'options' | 'shape';

/** Every error that `@selfsup/heads` throws on purpose. */
export class HeadsError extends Error {
  readonly code: HeadsErrorCode;

  constructor(code: HeadsErrorCode, message: string) {
    super(message);
    this.name = 'HeadsError';
    this.code = code;
  }
}
