import { grad, memory, mul, profile, sum } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { describeOnBackends, toTensor } from '../test/reference.ts';
import { l2Normalize } from './l2-normalize.ts';

describeOnBackends('l2Normalize', (fused) => {
  it('scales rows to length 1', () => {
    expect([...l2Normalize(toTensor([[3, 4], [0, -2]]), 1e-12).dataSync()]).toEqual([
      expect.closeTo(0.6, 6), expect.closeTo(0.8, 6), 0, -1,
    ]);
  });

  it('only multiplies a clamped row, and so does its gradient', () => {
    const upstream = toTensor([[2, 3], [2, 3]]);
    const x = toTensor([[1e-4, 0], [0, 0]]);
    expect([...l2Normalize(x, 1e-6).dataSync()]).toEqual([expect.closeTo(0.1, 6), 0, 0, 0]);
    const gradient = grad((v: Tensor) => sum(mul(l2Normalize(v as Tensor2D, 1e-6), upstream)))(x);
    for (const [i, expected] of [2000, 3000, 2000, 3000].entries()) expect(gradient.dataSync()[i]! / expected).toBeCloseTo(1, 6);
  });

  it('keeps nothing alive outside of a gradient', () => {
    const x = toTensor([[3, 4]]);
    const before = memory().numTensors;
    l2Normalize(x, 1e-12).dispose();
    expect(memory().numTensors).toBe(before);
  });

  it('is one kernel each way where it is fused', async () => {
    const x = toTensor([[3, 4], [1, 2]]);
    const { kernels } = await profile(() => grad((v: Tensor) => l2Normalize(v as Tensor2D, 1e-12))(x, x));
    const names = kernels.map(({ name }) => name).filter((name) => name.startsWith('Selfsup'));
    expect(names).toEqual(fused ? ['SelfsupL2Normalize', 'SelfsupL2NormalizeGrad'] : []);
  });
});
