import type { Reporter } from './reporter.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ends the process at a signal, once what `undo` undoes is undone. */
export function undoOnInterrupt(undo: () => void): { readonly release: () => void } {
  const interrupt = (): void => {
    undo();
    process.exit(130);
  };
  return listen(interrupt);
}

/** Answers a signal that Ctrl-C aborts once, and says so; a second Ctrl-C ends the process at once. */
export function abortOnInterrupt(reporter: Reporter): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    reporter.say('Stopping after this step or evaluation; press Ctrl-C again to stop at once.');
  };
  return { signal: controller.signal, ...listen(interrupt) };
}

function listen(interrupt: () => void): { readonly release: () => void } {
  for (const signal of signals) process.on(signal, interrupt);
  return {
    release: () => {
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
}
