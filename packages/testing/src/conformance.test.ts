import '@tensorflow/tfjs-backend-cpu';
import { ConformanceError, methodConformance } from '@selfsup/testing';
import { expect, test } from 'vitest';
import { inputShape, tinyMethod } from '../test/tiny-method.ts';
import type { Faults } from '../test/tiny-method.ts';

test('a sound method passes, and the report says what was checked', async () => {
  const report = await methodConformance((seed) => tinyMethod(seed), { inputShape });
  expect(report.method).toBe('tiny');
  expect(report.checks).toHaveLength(8);
});

const faults: readonly [string, Faults, RegExp][] = [
  ['lets a gradient reach its target', { leakGradientToTarget: true }, /A gradient reaches the state variable target\/0/],
  ['forgets its state', { forgetState: true }, /state\(\) misses something/],
  ['ignores the seed', { ignoreSeed: true }, /Two builds from one seed/],
  ['answers a metric that is not a number', { nanMetric: true }, /std is \[NaN\]/],
  ['leaks a tensor a step', { leakTensor: true }, /live tensors went/],
  ['does not dispose its target', { keepTarget: true }, /dispose left 2 tensor\(s\)/],
  ['changes parameters after the step', { moveParameters: true }, /afterStep changed the parameter encoder\/dense\/kernel/],
  ['has a parameter that the loss does not reach', { unusedParameter: true }, /does not reach the parameter extra/],
];

test.each(faults)('a method that %s is refused', async (_, fault, message) => {
  const check = methodConformance((seed) => tinyMethod(seed, fault), { inputShape });
  await expect(check).rejects.toThrow(ConformanceError);
  await expect(check).rejects.toThrow(message);
});

test('a parameter that is meant not to be reached can be named', async () => {
  await methodConformance((seed) => tinyMethod(seed, { unusedParameter: true }), { inputShape, withoutGradient: ['extra'] });
});
