import pc from 'picocolors';

/** How a run speaks to the person, or the program, that watches it. */
export interface Reporter {
  /** A line that stays. */
  readonly say: (text: string) => void;
  /** Something is not as it should be, and the work goes on. The same text is told once. */
  readonly warn: (text: string) => void;
  /**
   * The state of the work at this moment: one line that the next overwrites; left out when not on a terminal.
   * @param texts from long to short: the first that fits is shown, or as much of the last as does
   */
  readonly progress: (...texts: readonly string[]) => void;
  /** A record for programs: printed as one JSON object a line under `--json`, otherwise not at all. */
  readonly record: (value: Readonly<Record<string, unknown>>) => void;
}

export interface ReporterOptions {
  readonly json: boolean;
  readonly stream?: NodeJS.WriteStream;
}

export function createReporter({ json, stream = process.stdout }: ReporterOptions): Reporter {
  const told = new Set<string>();
  const once = (tell: (text: string) => void): Reporter['warn'] => (text) => {
    if (!told.has(text)) tell(text);
    told.add(text);
  };
  if (json) {
    const record: Reporter['record'] = (value) => void stream.write(`${JSON.stringify(value)}\n`);
    return { say: () => {}, warn: once((message) => record({ type: 'warning', message })), progress: () => {}, record };
  }
  let overwriting = false;
  const clear = (): void => {
    if (overwriting) stream.write('\r\u001b[2K');
    overwriting = false;
  };
  const say: Reporter['say'] = (text) => {
    clear();
    stream.write(`${text}\n`);
  };
  return {
    say,
    warn: once((text) => say(`${pc.yellow('warning')} ${text}`)),
    progress: (...texts) => {
      if (!stream.isTTY) return;
      clear();
      // A line as wide as the terminal would wrap, and could not be overwritten.
      const width = Math.max(20, (stream.columns ?? 80) - 1);
      const fitting = texts.find((text) => text.length <= width) ?? texts.at(-1) ?? '';
      stream.write(pc.dim(fitting.slice(0, width)));
      overwriting = true;
    },
    record: () => {},
  };
}
