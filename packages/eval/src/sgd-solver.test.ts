import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { useCpuBackend } from '../test/cpu-backend.ts';
import { drawFeatures, featuresOf } from '../test/features.ts';
import { linearProbe, sgdSolver } from './index.ts';
import { uniform } from './random.ts';

beforeAll(useCpuBackend);

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe('sgdSolver', () => {
  it('takes the steps of momentum SGD with a cosine rate and weight decay', async () => {
    const inputs = featuresOf([[2, 1], [-1, 1]]);
    const solver = sgdSolver({ learningRate: 0.5, momentum: 0.9, weightDecay: 0.1, epochs: 3, batchSize: 2 });
    const before = memory().numTensors;
    const weights = await solver.fit({ inputs, labels: [0, 1], classes: 2, seed: 0 });
    expect(memory().numTensors).toBe(before);

    // Two classes: W = (w, −w), b = (b, −b), and the margin of class 0 is m = 2(w·x + b).
    let [w, b, vw, vb] = [0, 0, 0, 0];
    for (const rate of [0.5, 0.375, 0.125]) {
      const wrong0 = sigmoid(-2 * (2 * w + b));
      const wrong1 = sigmoid(2 * (-w + b));
      vw = 0.9 * vw + (-2 * wrong0 - wrong1) / 2 + 0.1 * w;
      vb = 0.9 * vb + (-wrong0 + wrong1) / 2 + 0.1 * b;
      w -= rate * vw;
      b -= rate * vb;
    }
    [w, -w, b, -b].forEach((value, i) => expect(weights[i]).toBeCloseTo(value, 5));
  });

  it('depends on the seed by the order of batches only, and learns what can be learned', async () => {
    const random = uniform(1);
    const features = drawFeatures(64, 3, () => random() - 0.5);
    const labels = Int32Array.from({ length: 64 }, (_, row) => (features.data[row * 3]! > 0 ? 1 : 0));
    const solver = sgdSolver({ epochs: 20, batchSize: 16 });
    const task = { train: features, trainLabels: labels, test: features, testLabels: labels, classes: 2, standardize: false, solver };
    const result = await linearProbe({ ...task, seed: 1 });
    expect(result.accuracy).toBeGreaterThan(0.95);
    expect(result.protocol).toBe('linear probe, raw features, SGD, lr=30 cosine, momentum=0.9, wd=0, batch 16, 20 epochs');
    expect((await linearProbe({ ...task, seed: 1 })).predictions).toEqual(result.predictions);
  });

  it('a diverged probe is an error, not an accuracy', async () => {
    const features = featuresOf([[1e20, 1], [-1e20, 2], [3e19, 1]]);
    const solver = sgdSolver({ learningRate: 1e30, epochs: 3, batchSize: 1 });
    const run = linearProbe({ train: features, trainLabels: [0, 1, 1], test: features, testLabels: [0, 1, 1], classes: 2, seed: 0, standardize: false, solver });
    await expect(run).rejects.toMatchObject({ code: 'non-finite' });
  });

  it('refuses rates and sizes that cannot be used', () => {
    expect(() => sgdSolver({ momentum: 1 })).toThrow('momentum 1');
    expect(() => sgdSolver({ batchSize: 0 })).toThrow('batchSize 0');
  });
});
