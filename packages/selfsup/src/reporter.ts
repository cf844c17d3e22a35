import pc from 'picocolors';

/** How a run speaks to the person, or the program, that watches it. */
export interface Reporter {
  /** A line that stays. */
  readonly say: (text: string) => void;
  /** The state of the work at this moment: one line that the next overwrites; left out when not on a terminal. */
  readonly progress: (text: string) => void;
  /** A record for programs: printed as one JSON object a line under `--json`, otherwise not at all. */
  readonly record: (value: Readonly<Record<string, unknown>>) => void;
}

export interface ReporterOptions {
  readonly json: boolean;
  readonly stream?: NodeJS.WriteStream;
}

export function createReporter({ json, stream = process.stdout }: ReporterOptions): Reporter {
  if (json) {
    return { say: () => {}, progress: () => {}, record: (value) => void stream.write(`${JSON.stringify(value)}\n`) };
  }
  let overwriting = false;
  const clear = (): void => {
    if (overwriting) stream.write('\r\u001b[2K');
    overwriting = false;
  };
  return {
    say: (text) => {
      clear();
      stream.write(`${text}\n`);
    },
    progress: (text) => {
      if (!stream.isTTY) return;
      clear();
      stream.write(pc.dim(text.slice(0, Math.max(20, (stream.columns ?? 80) - 1))));
      overwriting = true;
    },
    record: () => {},
  };
}
