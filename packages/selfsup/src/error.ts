/** Ends the command with one sentence and an exit code: 2 when the call was wrong, 1 when the work failed. */
export class CliError extends Error {
  readonly exitCode: 1 | 2;

  constructor(exitCode: 1 | 2, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** The call was wrong. */
export function usageError(message: string): CliError {
  return new CliError(2, message);
}

/** The message of whatever was thrown. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The same in one line: that of `JSON.parse` quotes the lines of the file. */
export function reasonInOneLine(thrown: unknown): string {
  return reasonOf(thrown).replaceAll(/\s*\n\s*/g, ' ');
}

/** Codes of the libraries' errors that mean that the call was wrong, rather than that the work failed. */
const usageCodes: ReadonlySet<string> = new Set(['invalid-options', 'invalid-option', 'bad-option']);

/** The exit code that an error of any kind ends the process with. */
export function exitCodeOf(error: unknown): 1 | 2 {
  if (error instanceof CliError) return error.exitCode;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && usageCodes.has(code) ? 2 : 1;
}
