import { expect, it } from 'vitest';
import { average, cosineOf, describeOnBackends, expectAgreement, gradientsOf, kernelCounts, valueOf, waves } from '../test/reference.ts';
import type { Reference } from '../test/reference.ts';
import { negativeCosine } from './negative-cosine.ts';

const reference: Reference = (p, z) => -average(p.map((row, i) => cosineOf(row, z[i]!)));

describeOnBackends('negativeCosine', () => {
  it('agrees with its formula in double precision', () => {
    const [a, b] = waves(4, 3);
    expect(reference(a, b)).toBeCloseTo(-0.504428225, 9);
    expectAgreement(negativeCosine, reference, a, b);
    expectAgreement(negativeCosine, reference, ...waves(7, 40));
  });

  it('does not see the length of a row, and is −1 when aligned', () => {
    const [a] = waves(4, 3);
    const scaled = a.map((row, i) => row.map((value) => value * 10 ** (3 * i - 5)));
    expect(valueOf(negativeCosine, a, scaled)).toBeCloseTo(-1, 6);
  });

  it('counts a zero row as cosine 0, with a finite gradient', () => {
    const [a, b] = waves(4, 3);
    const zero = a.map((row, i) => (i === 1 ? [0, 0, 0] : row));
    const others = [0, 2, 3].map((i) => cosineOf(a[i]!, b[i]!));
    expect(valueOf(negativeCosine, zero, b)).toBeCloseTo((-3 * average(others)) / 4, 6);
    for (const gradient of [...gradientsOf(negativeCosine, zero, b), ...gradientsOf(negativeCosine, zero, zero)]) {
      expect(gradient.every(Number.isFinite)).toBe(true);
    }
  });

  it('takes few kernels', async () => {
    const { forward, withGradient } = await kernelCounts(negativeCosine);
    expect(forward).toBeLessThanOrEqual(14);
    expect(withGradient).toBeLessThanOrEqual(28);
  });
});
