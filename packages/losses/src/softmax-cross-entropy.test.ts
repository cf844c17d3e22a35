import { grad, memory, mul, profile, sum, tensor1d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { describeOnBackends, toTensor, waves } from '../test/reference.ts';
import type { Matrix } from '../test/reference.ts';
import { softmaxCrossEntropy } from './softmax-cross-entropy.ts';

const probabilities = (row: readonly number[]): number[] => {
  const largest = Math.max(...row);
  const exponentials = row.map((value) => Math.exp(value - largest));
  const total = exponentials.reduce((a, b) => a + b);
  return exponentials.map((value) => value / total);
};

function gradientOf(logits: Matrix, labels: readonly number[], weights: readonly number[]): number[] {
  const objective = (x: Tensor): Tensor => sum(mul(softmaxCrossEntropy(x as Tensor2D, tensor1d([...labels], 'int32')), [...weights]));
  return [...grad(objective)(toTensor(logits)).dataSync()];
}

describeOnBackends('softmaxCrossEntropy', (fused) => {
  it.each([[5, 3], [4, 37], [3, 600]])('has the values and the gradient of its formula, %i × %i', (rows, classes) => {
    const logits = waves(rows, classes)[0].map((row, i) => row.map((value) => value * 10 ** (i - 1)));
    const labels = logits.map((_, i) => (7 * i) % classes);
    const before = memory().numTensors;
    const loss = tidy(() => [...softmaxCrossEntropy(toTensor(logits), tensor1d(labels, 'int32')).dataSync()]);
    const weights = labels.map((_, i) => i - 1.5);
    const gradient = tidy(() => gradientOf(logits, labels, weights));
    for (const [i, row] of logits.entries()) {
      const p = probabilities(row);
      const expected = -Math.log(p[labels[i]!]!);
      expect(Math.abs(loss[i]! - expected)).toBeLessThan(2e-6 * (1 + expected));
      for (const [j, value] of p.entries()) {
        expect(Math.abs(gradient[i * classes + j]! - weights[i]! * (value - Number(j === labels[i])))).toBeLessThan(1e-5);
      }
    }
    expect(memory().numTensors).toBe(before);
  });

  it('counts a row without a label of its own as 0, and keeps its head with huge logits', () => {
    const logits = [[1, 2], [3, 4], [1e4, -1e4], [1e4, -1e4]];
    const labels = [-1, 2, 0, 1];
    expect([...softmaxCrossEntropy(toTensor(logits), tensor1d(labels, 'int32')).dataSync()].map(Math.abs)).toEqual([0, 0, 0, 20_000]);
    expect(gradientOf(logits, labels, [1, 1, 1, 1]).map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0, 1, 1]);
  });

  it('is one kernel each way where it is fused', async () => {
    const logits = toTensor([[3, 4], [1, 2]]);
    const labels = tensor1d([0, 1], 'int32');
    const { kernels } = await profile(() => grad((x: Tensor) => softmaxCrossEntropy(x as Tensor2D, labels))(logits, tensor1d([1, 1])));
    const names = kernels.map(({ name }) => name).filter((name) => name.startsWith('Selfsup'));
    expect(names).toEqual(fused ? ['SelfsupSoftmaxCrossEntropy', 'SelfsupSoftmaxCrossEntropyGrad'] : []);
  });
});
