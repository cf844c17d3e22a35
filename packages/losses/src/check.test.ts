// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { zeros } from '@tensorflow/tfjs-core';
import type { Rank, Tensor2D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { LossError, barlowTwins, negativeCosine, normalizedMse, ntXent, vicreg } from './index.ts';

const losses = {
  negativeCosine,
  normalizedMse,
  ntXent: (a: Tensor2D, b: Tensor2D) => ntXent(a, b, { temperature: 1 }),
  vicreg,
  barlowTwins,
};

describe.each(Object.entries(losses))('%s', (name, loss) => {
  it.each([
    [[4, 3], [4, 2]],
    [[4, 3], [1, 3]],
    [[0, 3], [0, 3]],
    [[4], [4]],
    [[2, 2, 2], [2, 2, 2]],
  ])('refuses %j and %j, naming both', (a, b) => {
    let thrown: unknown;
    try {
      loss(zeros<Rank.R2>(a as [number, number]), zeros<Rank.R2>(b as [number, number]));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(LossError);
    expect(thrown).toMatchObject({ code: 'shape-mismatch' });
    for (const part of [name, `[${a.join(', ')}]`, `[${b.join(', ')}]`]) expect(String(thrown)).toContain(part);
  });
});
