import { getKernelsForBackend, registerKernel, unregisterKernel } from '@tensorflow/tfjs-core';

/** Times every kernel of a backend from now on, each to its end. */
export function profileKernels(backendName) {
  const seconds = new Map();
  const calls = new Map();
  let depth = 0;
  for (const { kernelName, kernelFunc, ...rest } of getKernelsForBackend(backendName)) {
    unregisterKernel(kernelName, backendName);
    registerKernel({
      ...rest,
      kernelName,
      backendName,
      kernelFunc: (call) => {
        if (depth > 0) return kernelFunc(call);
        depth++;
        const start = performance.now();
        try {
          const result = kernelFunc(call);
          call.backend.engine.finish();
          return result;
        } finally {
          depth--;
          seconds.set(kernelName, (seconds.get(kernelName) ?? 0) + (performance.now() - start) / 1000);
          calls.set(kernelName, (calls.get(kernelName) ?? 0) + 1);
        }
      },
    });
  }
  return {
    reset: () => {
      seconds.clear();
      calls.clear();
    },
    /** Seconds and calls by kernel, the slowest first. */
    report: () =>
      [...seconds].toSorted(([, a], [, b]) => b - a).map(([kernel, time]) => ({ kernel, seconds: time, calls: calls.get(kernel) })),
  };
}
