import type { Reporter } from './reporter.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Answers a signal that Ctrl-C aborts once, and says so; a second Ctrl-C ends the process at once. */
export function abortOnInterrupt(reporter: Reporter): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    reporter.say('Stopping after this step or evaluation; press Ctrl-C again to stop at once.');
  };
  for (const signal of signals) process.on(signal, interrupt);
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
}
