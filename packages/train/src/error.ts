/** What went wrong in a training, told apart by `code`. */
export type TrainErrorCode =
  | 'non-finite-loss'
  | 'invalid-options'
  | 'invalid-checkpoint'
  | 'unreadable-encoder'
  | 'output-not-writable';

/** Thrown by everything in this package. Programs check `code`; the message is one sentence for a person. */
export class TrainError extends Error {
  readonly code: TrainErrorCode;

  constructor(code: TrainErrorCode, message: string) {
    super(message);
    this.name = 'TrainError';
    this.code = code;
  }
}
