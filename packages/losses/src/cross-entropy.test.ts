import { grad, tensor1d } from '@tensorflow/tfjs-core';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { average, matrix, toTensor, valueOf, waves } from '../test/reference.ts';
import type { Loss } from '../test/reference.ts';
import { crossEntropy } from './cross-entropy.ts';
import { LossError } from './error.ts';

const labels = [2, 0, 1, 2];
const loss: Loss = (logits) => crossEntropy(logits, tensor1d(labels, 'int32'));
const [logits, unused] = waves(4, 3);
const softmax = (row: readonly number[]): number[] => {
  const sum = row.reduce((total, value) => total + Math.exp(value), 0);
  return row.map((value) => Math.exp(value) / sum);
};

describe('crossEntropy', () => {
  it('agrees with its formula, and its gradient with (softmax − one-hot) / batch', () => {
    const expected = average(logits.map((row, i) => -Math.log(softmax(row)[labels[i]!]!)));
    expect(Math.abs(valueOf(loss, logits, unused) / expected - 1)).toBeLessThan(1e-6);
    const gradient = [...grad((x) => loss(x as Tensor2D, toTensor(unused)))(toTensor(logits)).dataSync()];
    const analytic = logits.flatMap((row, i) => softmax(row).map((p, c) => (p - (labels[i] === c ? 1 : 0)) / 4));
    gradient.forEach((value, i) => expect(Math.abs(value - analytic[i]!)).toBeLessThan(1e-6));
  });

  it('is log(classes) when all logits are the same, and survives large ones', () => {
    expect(valueOf(loss, matrix(4, 3, () => 7), unused)).toBeCloseTo(Math.log(3), 6);
    expect(valueOf(loss, matrix(4, 3, (i) => (i % 3 === labels[Math.floor(i / 3)] ? 1e4 : -1e4)), unused)).toBeCloseTo(0, 9);
  });

  it('refuses labels that do not fit', () => {
    expect(() => crossEntropy(toTensor(logits), tensor1d([1, 2], 'int32'))).toThrow(LossError);
    expect(() => crossEntropy(toTensor(logits), tensor1d([1, 2], 'int32'))).toThrow('[4, 3] and [2]');
  });
});
