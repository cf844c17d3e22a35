import { sequential, layers } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { useCpuBackend } from '../test/cpu-backend.ts';
import { drawFeatures } from '../test/features.ts';
import { extractFeatures, knn, lbfgsSolver, linearProbe, sgdSolver, umap } from './index.ts';
import type { ImageBatch } from './index.ts';
import { uniform } from './random.ts';

beforeAll(useCpuBackend);

const random = uniform(1);
const features = drawFeatures(600, 4, random);
const labels = Array.from({ length: features.rows }, (_, row) => row % 3);
const split = { train: features, trainLabels: labels, test: features, testLabels: labels };

/** How often a timer came to its turn during the work. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await work();
  clearInterval(timer);
  return turns;
}

describe('a signal or a timer has its turn during', () => {
  it.each([
    ['extractFeatures', async () => {
      const encoder = sequential({ layers: [layers.flatten({ inputShape: [16, 16, 3] }), layers.dense({ units: 8 })] });
      const batch: ImageBatch = { data: new Float32Array(64 * 768), shape: [64, 16, 16, 3] };
      await extractFeatures(encoder, Array.from({ length: 10 }, () => batch));
      encoder.dispose();
    }],
    ['knn', () => knn({ ...split, k: 5 })],
    ['linearProbe by L-BFGS', () => linearProbe({ ...split, classes: 3, seed: 0, solver: lbfgsSolver({ l2: 0, tolerance: 1e-9 }) })],
    ['linearProbe by SGD', () => linearProbe({ ...split, classes: 3, seed: 0, solver: sgdSolver({ epochs: 5 }) })],
    ['umap', () => umap(features, { seed: 0, nNeighbors: 5, epochs: 20 })],
  ] as const)('%s', async (_, work) => {
    expect(await turnsDuring(work)).toBeGreaterThan(1);
  });
});
