import { expect, it } from 'vitest';
import { average, cosineOf, describeOnBackends, expectAgreement, gradientsOf, kernelCounts, toTensor, valueOf, waves } from '../test/reference.ts';
import type { Loss, Matrix, Reference } from '../test/reference.ts';
import { LossError } from './error.ts';
import { ntXent } from './nt-xent.ts';

const at = (temperature: number): Loss => (a, b) => ntXent(a, b, { temperature });

function reference(temperature: number): Reference {
  return (a, b) => {
    const views: Matrix = [...a, ...b];
    return average(
      views.map((view, i) => {
        const positive = (i + a.length) % views.length;
        const logits = views.map((other) => cosineOf(view, other) / temperature);
        const others = logits.filter((_, j) => j !== i).reduce((sum, logit) => sum + Math.exp(logit), 0);
        return Math.log(others) - logits[positive]!;
      }),
    );
  };
}

describeOnBackends('ntXent', () => {
  it('agrees with its formula in double precision', () => {
    const [a, b] = waves(4, 3);
    expect(reference(0.5)(a, b)).toBeCloseTo(1.62689502, 8);
    expectAgreement(at(0.5), reference(0.5), a, b);
    expectAgreement(at(0.1), reference(0.1), ...waves(6, 10));
  });

  it('does not overflow at a low temperature', () => {
    const [a, b] = waves(4, 3);
    const expected = reference(0.01)(a, b);
    expect(Math.abs(valueOf(at(0.01), a, b) / expected - 1)).toBeLessThan(1e-5);
  });

  it('is the same with the views exchanged', () => {
    const [a, b] = waves(5, 3);
    expect(valueOf(at(0.2), a, b)).toBeCloseTo(valueOf(at(0.2), b, a), 6);
  });

  it('stays finite with a zero row', () => {
    const [a, b] = waves(4, 3);
    const zero = a.map((row, i) => (i === 1 ? [0, 0, 0] : row));
    expect(valueOf(at(0.5), zero, b)).toBeGreaterThan(0);
    expect(gradientsOf(at(0.5), zero, b).flat().every(Number.isFinite)).toBe(true);
  });

  it('refuses a temperature that is not above 0', () => {
    const [a, b] = waves(4, 3).map(toTensor);
    for (const temperature of [0, -1, Number.NaN]) {
      expect(() => ntXent(a!, b!, { temperature })).toThrow(LossError);
    }
  });

  it('takes few kernels', async () => {
    const { forward, withGradient } = await kernelCounts(at(0.5));
    expect(forward).toBeLessThanOrEqual(23);
    expect(withGradient).toBeLessThanOrEqual(47);
  });
});
