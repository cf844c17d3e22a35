import { describe, expect, it } from 'vitest';
import { at } from '../test/training.ts';
import { OptimError } from './error.ts';
import { constant, cosine, cosinePerEpoch, scaledLearningRate } from './schedule.ts';

describe('cosine', () => {
  it.each([[0, 0], [50, 1.6], [100, 3.2], [550, 1.6], [1000, 0], [1100, 0]])(
    'warms up and decays as BYOL does: at step %i the rate is %f',
    (step, expected) => {
      const schedule = cosine({ base: scaledLearningRate(0.2, 4096), warmupSteps: 100 });
      expect(schedule(at(step, 1000))).toBeCloseTo(expected, 12);
      const byEpochs = cosine({ base: scaledLearningRate(0.2, 4096), warmupEpochs: 10 });
      expect(byEpochs(at(step, 1000, 10))).toBeCloseTo(expected, 12);
    },
  );

  it('moves once per epoch where it is told to, as SimSiam does', () => {
    for (const schedule of [cosine({ base: 0.1, per: 'epoch' }), cosinePerEpoch(0.1)]) {
      for (const step of [0, 9, 10, 19, 55, 99]) {
        const epoch = Math.floor(step / 10);
        expect(schedule(at(step, 100, 10))).toBeCloseTo(0.1 * 0.5 * (1 + Math.cos((Math.PI * epoch) / 10)), 12);
      }
    }
  });

  it('warms up by steps before an epoch-wise decay', () => {
    const schedule = cosine({ base: 1, warmupEpochs: 1.5, per: 'epoch' });
    expect([0, 5, 14, 15, 19].map((step) => schedule(at(step, 100, 10)))).toEqual([0, 5 / 15, 14 / 15, 1, 1]);
    expect(schedule(at(29, 100, 10))).toBe(schedule(at(20, 100, 10)));
    expect(schedule(at(20, 100, 10))).toBeLessThan(1);
  });

  it('ends at its end', () => {
    const schedule = cosine({ base: 1, end: 0.1 });
    expect([0, 50, 100].map((step) => schedule(at(step, 100)))).toEqual([1, 0.55, 0.1].map((value) => expect.closeTo(value, 12)));
  });

  it('only warms up when the training is shorter than the warm-up', () => {
    const schedule = cosine({ base: 1, warmupSteps: 10 });
    expect([0, 2, 4].map((step) => schedule(at(step, 5)))).toEqual([0, 0.2, 0.4]);
  });

  it('refuses two warm-ups and a negative one', () => {
    expect(() => cosine({ base: 1, warmupEpochs: 1, warmupSteps: 1 })).toThrow(OptimError);
    expect(() => cosine({ base: 1, warmupSteps: -1 })).toThrow(OptimError);
    expect(() => cosine({ base: 1, warmupEpochs: Number.NaN })).toThrow(OptimError);
  });
});

describe('constant', () => {
  it('does not change', () => {
    expect([0, 3].map((step) => constant(0.3)(at(step)))).toEqual([0.3, 0.3]);
  });
});
