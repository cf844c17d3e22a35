import type { Tensor } from '@tensorflow/tfjs-core';

/** Numbers as a tensor, a typed array or nested arrays. */
export type Numbers = Tensor | ArrayLike<number> | number | readonly Numbers[];

export interface Tolerance {
  /** Relative to the expected value. */
  readonly rtol?: number;
  readonly atol?: number;
}

export interface AllcloseResult {
  readonly pass: boolean;
  /** One sentence: where the worst disagreement is, and how large. */
  readonly message: string;
}

/**
 * |actual − expected| ≤ atol + rtol·|expected| for every element, as NumPy's `allclose`.
 *
 * Shapes are compared where both sides have one; NaN equals nothing.
 */
export function allclose(actual: Numbers, expected: Numbers, { rtol = 1e-5, atol = 1e-8 }: Tolerance = {}): AllcloseResult {
  if (isTensor(actual) && isTensor(expected) && actual.shape.join() !== expected.shape.join()) {
    return { pass: false, message: `The shapes differ: [${actual.shape}] was given, [${expected.shape}] expected.` };
  }
  const a = flatten(actual);
  const e = flatten(expected);
  if (a.length !== e.length) {
    return { pass: false, message: `${a.length} values were given, ${e.length} expected.` };
  }
  let worst = -1;
  let worstExcess = 0;
  for (let i = 0; i < a.length; i++) {
    const same = a[i] === e[i];
    const excess = same ? 0 : Math.abs(a[i]! - e[i]!) - (atol + rtol * Math.abs(e[i]!));
    if (excess > worstExcess || (Number.isNaN(excess) && !Number.isNaN(worstExcess))) {
      worst = i;
      worstExcess = excess;
    }
  }
  if (worst === -1) return { pass: true, message: `All ${a.length} values agree within rtol ${rtol}, atol ${atol}.` };
  return {
    pass: false,
    message: `Value ${worst} of ${a.length} is ${a[worst]}, expected ${e[worst]} within rtol ${rtol}, atol ${atol}.`,
  };
}

function isTensor(value: Numbers): value is Tensor {
  return typeof value === 'object' && 'dataSync' in value;
}

function flatten(value: Numbers): readonly number[] {
  if (typeof value === 'number') return [value];
  if (isTensor(value)) return Array.from(value.dataSync());
  return Array.from(value as ArrayLike<Numbers>).flatMap(flatten);
}
