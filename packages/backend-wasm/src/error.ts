/** What every function of this package throws; check `code`, not the text. */
export class BackendWasmError extends Error {
  readonly code:
    | 'out-of-memory'
    | 'kernel-failed'
    | 'worker-lost'
    | 'disposed'
    | 'not-supported'
    | 'invalid-argument';

  constructor(code: BackendWasmError['code'], message: string) {
    super(message);
    this.name = 'BackendWasmError';
    this.code = code;
  }
}
