/** What went wrong, for programs: `options` wrong settings, `image-size` images that the network cannot take. */
export type BackbonesErrorCode = 'options' | 'image-size';

/** Every error that `@selfsup/backbones` throws on purpose. */
export class BackbonesError extends Error {
  readonly code: BackbonesErrorCode;

  constructor(code: BackbonesErrorCode, message: string) {
    super(message);
    this.name = 'BackbonesError';
    this.code = code;
  }
}
