import { simdKernels } from '../simd/simd-kernels.ts';
import { createCanvas } from './canvas.ts';
import type { Canvas } from './canvas.ts';
import { scriptKernels } from './script-kernels.ts';

/** The working image of this thread: rendering is synchronous, so one will do, and its buffers serve every pipeline. */
let shared: Canvas | undefined;
let lent = false;

/** Calls `use` with a working image that nobody else uses meanwhile, and answers what it answers. */
export function withCanvas<T>(use: (canvas: Canvas) => T): T {
  // An op's `apply` that renders by itself.
  if (lent) return use(createCanvas(scriptKernels));
  lent = true;
  try {
    shared ??= createCanvas(simdKernels() ?? scriptKernels);
    return use(shared);
  } finally {
    lent = false;
  }
}
