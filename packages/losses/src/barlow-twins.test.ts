import { describe, expect, it } from 'vitest';
import { average, dot, expectAgreement, gradientsOf, kernelCounts, matrix, toTensor, transpose, valueOf, waves } from '../test/reference.ts';
import type { Loss, Matrix, Reference } from '../test/reference.ts';
import { barlowTwins } from './barlow-twins.ts';
import { LossError } from './error.ts';

const heavy: Loss = (a, b) => barlowTwins(a, b, { lambda: 0.5 });

function standardized(z: Matrix): Matrix {
  return transpose(z).map((column) => {
    const centre = average(column);
    const variance = average(column.map((value) => (value - centre) ** 2));
    return column.map((value) => (value - centre) / Math.sqrt(variance + 1e-5));
  });
}

function reference(lambda: number): Reference {
  return (a, b) => {
    const [x, y] = [standardized(a), standardized(b)];
    const correlations = x.map((row) => y.map((other) => dot(row, other) / a.length));
    return correlations
      .flatMap((row, i) => row.map((c, j) => (i === j ? (1 - c) ** 2 : lambda * c * c)))
      .reduce((sum, term) => sum + term, 0);
  };
}

describe('barlowTwins', () => {
  it('agrees with its formula in double precision, in tall and in wide batches', () => {
    expectAgreement(barlowTwins, reference(0.0051), ...waves(4, 3));
    for (const [batch, dim] of [[9, 4], [4, 10]] as const) {
      expectAgreement(heavy, reference(0.5), ...waves(batch, dim));
    }
  });

  it('is 0 for identical views of independent dimensions', () => {
    const orthogonal = [[1, 1], [1, -1], [-1, 1], [-1, -1]];
    expect(valueOf(barlowTwins, orthogonal, orthogonal)).toBeLessThan(1e-6);
  });

  it('has a finite gradient at collapse', () => {
    const collapsed = matrix(4, 3, () => 0.3);
    expect(gradientsOf(barlowTwins, collapsed, collapsed).flat().every(Number.isFinite)).toBe(true);
  });

  it('refuses a negative lambda', () => {
    const [a, b] = waves(4, 3).map(toTensor);
    expect(() => barlowTwins(a!, b!, { lambda: -1 })).toThrow(LossError);
  });

  it('takes few kernels', async () => {
    const { forward, withGradient } = await kernelCounts(barlowTwins);
    expect(forward).toBeLessThanOrEqual(28);
    expect(withGradient).toBeLessThanOrEqual(73);
  });
});
