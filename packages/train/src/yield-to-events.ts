/**
 * Resolves once timers, signals and, in a page, whatever else waits have had their turn. Tensors of a backend in this
 * process are awaited without it, so that a loop over them would hold up everything else.
 */
export function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    // Browsers slow timers of pages in the background down, and not messages.
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
