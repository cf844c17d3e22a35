// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { ready, setBackend, tensor1d } from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { batchNorm } from './batch-norm.ts';
import { moveStatistics } from './running-statistics.ts';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

it('moves by the statistics of each view in turn where the backend has no kernel for it', () => {
  const layer = batchNorm();
  layer.build([null, 2]);
  const [mean, variance] = layer.nonTrainableWeights as [(typeof layer.nonTrainableWeights)[0], (typeof layer.nonTrainableWeights)[0]];
  moveStatistics({ mean, variance }, { mean: tensor1d([1, 2, 3, 4]), variance: tensor1d([5, 6, 7, 8]), views: 2 }, 0.5, 5);
  expect([...mean.read().dataSync()]).toEqual([0.5 * (0.5 * 1) + 0.5 * 3, 0.5 * (0.5 * 2) + 0.5 * 4]);
  const moved = [5, 6].map((first, c) => 0.5 * (0.5 * 1 + 0.5 * 1.25 * first) + 0.5 * 1.25 * (7 + c));
  for (const [c, value] of [...variance.read().dataSync()].entries()) expect(value).toBeCloseTo(moved[c]!, 5);
});
