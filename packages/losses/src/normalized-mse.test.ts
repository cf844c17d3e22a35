import { expect, it } from 'vitest';
import { average, cosineOf, describeOnBackends, expectAgreement, gradientsOf, kernelCounts, valueOf, waves } from '../test/reference.ts';
import type { Reference } from '../test/reference.ts';
import { normalizedMse } from './normalized-mse.ts';

const reference: Reference = (p, z) => average(p.map((row, i) => 2 - 2 * cosineOf(row, z[i]!)));

describeOnBackends('normalizedMse', () => {
  it('agrees with its formula in double precision', () => {
    const [a, b] = waves(4, 3);
    expect(reference(a, b)).toBeCloseTo(0.99114355, 9);
    expectAgreement(normalizedMse, reference, a, b);
    expectAgreement(normalizedMse, reference, ...waves(7, 40));
  });

  it('keeps the digits of a small loss', () => {
    const [a] = waves(4, 3);
    const near = a.map((row) => row.map((value, i) => value + (i === 0 ? 1e-3 : 0)));
    const expected = reference(a, near);
    expect(expected).toBeLessThan(1e-5);
    expect(Math.abs(valueOf(normalizedMse, a, near) / expected - 1)).toBeLessThan(1e-3);
  });

  it('has a finite value and gradient at a zero row, as the official code does', () => {
    const [a, b] = waves(4, 3);
    const zero = a.map((row, i) => (i === 1 ? [0, 0, 0] : row));
    const others = [0, 2, 3].map((i) => 2 - 2 * cosineOf(a[i]!, b[i]!));
    expect(valueOf(normalizedMse, zero, b)).toBeCloseTo((3 * average(others) + 1) / 4, 6);
    const [gradient] = gradientsOf(normalizedMse, zero, b);
    // There x̂ = x · 1e6, so the gradient is −2ẑ/batch · 1e6.
    const length = Math.hypot(...b[1]!);
    b[1]!.forEach((value, i) => expect(gradient[3 + i]! / 1e6).toBeCloseTo((-2 * value) / length / 4, 5));
  });

  it('takes few kernels', async () => {
    const { forward, withGradient } = await kernelCounts(normalizedMse);
    expect(forward).toBeLessThanOrEqual(14);
    expect(withGradient).toBeLessThanOrEqual(28);
  });
});
