/** Thrown by the checks of this package: `violations` lists everything that was found, one sentence each. */
export class ConformanceError extends Error {
  readonly code: 'not-conformant';
  readonly violations: readonly string[];

  constructor(subject: string, violations: readonly string[]) {
    super(`${subject} breaks ${violations.length} rule(s) of the contract:\n${violations.map((v) => `- ${v}`).join('\n')}`);
    this.name = 'ConformanceError';
    this.code = 'not-conformant';
    this.violations = violations;
  }
}
