const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Answers a signal that Ctrl-C aborts once; a second Ctrl-C ends the process at once. */
export function abortOnInterrupt(onInterrupt: () => void): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    onInterrupt();
  };
  for (const signal of signals) process.on(signal, interrupt);
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
}
