import { describe, expect, it } from 'vitest';
import { TargetError } from './error.ts';
import { cosineMomentum } from './momentum.ts';

describe('cosineMomentum', () => {
  it.each([[0, 0.996], [250, 0.996585786], [500, 0.998], [1000, 1], [1200, 1]])('at step %i of 1000 is %f', (step, expected) => {
    expect(cosineMomentum(0.996)({ step, totalSteps: 1000 })).toBeCloseTo(expected, 9);
  });

  it('ends where it is told to', () => {
    const schedule = cosineMomentum(0.9, 0.99);
    expect([0, 50, 100].map((step) => schedule({ step, totalSteps: 100 }))).toEqual([0.9, 0.945, 0.99].map((v) => expect.closeTo(v, 12)));
  });

  it('refuses what is not in [0, 1]', () => {
    for (const start of [-0.1, 1.1, Number.NaN]) expect(() => cosineMomentum(start)).toThrow(TargetError);
    expect(() => cosineMomentum(0.9, 2)).toThrow(TargetError);
  });
});
