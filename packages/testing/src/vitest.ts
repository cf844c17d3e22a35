import { expect } from 'vitest';
import { allclose } from './allclose.ts';
import type { Numbers, Tolerance } from './allclose.ts';

declare module 'vitest' {
  interface Matchers<T> {
    /** |actual − expected| ≤ atol + rtol·|expected| for every element. */
    toBeAllclose: (expected: Numbers, tolerance?: Tolerance) => T;
  }
}

expect.extend({
  toBeAllclose: (actual: Numbers, expected: Numbers, tolerance?: Tolerance) => {
    const { pass, message } = allclose(actual, expected, tolerance);
    return { pass, message: () => message };
  },
});
