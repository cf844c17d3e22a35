import { describe, expect, it } from 'vitest';
import { average, dot, expectAgreement, gradientsOf, kernelCounts, matrix, toTensor, transpose, waves } from '../test/reference.ts';
import type { Matrix, Reference } from '../test/reference.ts';
import { LossError } from './error.ts';
import { vicreg } from './vicreg.ts';

function terms(z: Matrix): { hinge: number; offDiagonal: number } {
  const centred = transpose(z).map((column) => column.map((value) => value - average(column)));
  const products = centred.map((x) => centred.map((y) => dot(x, y) / (z.length - 1)));
  const offDiagonal = products.flatMap((row, i) => row.filter((_, j) => j !== i));
  return {
    hinge: average(products.map((row, i) => Math.max(0, 1 - Math.sqrt(row[i]! + 1e-4)))),
    offDiagonal: dot(offDiagonal, offDiagonal) / centred.length,
  };
}

function reference(invariance: number, variance: number, covariance: number): Reference {
  return (a, b) => {
    const distance = average(a.flatMap((row, i) => row.map((value, j) => (value - b[i]![j]!) ** 2)));
    const [x, y] = [terms(a), terms(b)];
    return (
      invariance * distance + (variance * (x.hinge + y.hinge)) / 2 + covariance * (x.offDiagonal + y.offDiagonal)
    );
  };
}

describe('vicreg', () => {
  it('agrees with its formula in double precision', () => {
    const [a, b] = waves(4, 3);
    expect(reference(25, 25, 1)(a, b)).toBeCloseTo(19.616328413, 8);
    expectAgreement(vicreg, reference(25, 25, 1), a, b);
  });

  it('agrees term by term, in tall and in wide batches', () => {
    for (const [batch, dim] of [[9, 4], [4, 10]] as const) {
      for (const [invariance, variance, covariance] of [[1, 0, 0], [0, 1, 0], [0, 0, 1]] as const) {
        const loss: typeof vicreg = (a, b) => vicreg(a, b, { invariance, variance, covariance });
        expectAgreement(loss, reference(invariance, variance, covariance), ...waves(batch, dim));
      }
    }
  });

  it('has a finite gradient at collapse, and at zero', () => {
    for (const value of [0, 0.3]) {
      const collapsed = matrix(4, 3, () => value);
      expect(gradientsOf(vicreg, collapsed, collapsed).flat().every(Number.isFinite)).toBe(true);
    }
  });

  it('refuses a batch of one and negative weights', () => {
    const [one, other] = waves(1, 3).map(toTensor);
    expect(() => vicreg(one!, other!)).toThrow(expect.objectContaining({ code: 'batch-too-small' }));
    const [a, b] = waves(2, 3).map(toTensor);
    expect(() => vicreg(a!, b!, { variance: -1 })).toThrow(LossError);
  });

  it('takes few kernels', async () => {
    const { forward, withGradient } = await kernelCounts(vicreg);
    expect(forward).toBeLessThanOrEqual(46);
    expect(withGradient).toBeLessThanOrEqual(97);
  });
});
