import { describe, expect, it } from 'vitest';
import type { Optimizer } from '@selfsup/optim';
import { byolPresets } from '@selfsup/recipes/byol';
import { simsiamPresets } from '@selfsup/recipes/simsiam';
import { supervisedPresets } from '@selfsup/recipes/supervised';

/** The largest rate in a training of 100 epochs of ten steps. */
function peak(optimizer: Optimizer): number {
  const rates = Array.from({ length: 1000 }, (_, step) =>
    optimizer.step([], new Map(), { step, totalSteps: 1000, epoch: Math.floor(step / 10), stepsPerEpoch: 10, batchSize: 64 }).learningRate);
  optimizer.dispose();
  return Math.max(...rates);
}

describe.each([
  ['byol', byolPresets], ['simsiam', simsiamPresets], ['supervised', supervisedPresets],
] as const)('%s', (_, presets) => {
  it.each(presets.map((preset) => [preset.name, preset.optimizer] as const))('%s takes the rate that it is given, for any batch size', (__, optimizer) => {
    const rates = [64, 4096].map((batchSize) => peak(optimizer({ batchSize, learningRate: 0.7 })));
    expect(rates).toEqual([expect.closeTo(0.7, 10), expect.closeTo(0.7, 10)]);
    expect(peak(optimizer({ batchSize: 64 }))).not.toBeCloseTo(0.7, 3);
  });
});
