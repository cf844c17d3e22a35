import '@tensorflow/tfjs-backend-cpu';
import { ConformanceError, methodConformance } from '@selfsup/testing';
import { expect, test } from 'vitest';
import { inputShape, tinyMethod } from '../test/tiny-method.ts';
import type { Faults } from '../test/tiny-method.ts';

test('a sound method passes, and the report says what was checked', async () => {
  const report = await methodConformance((seed) => tinyMethod(seed), { inputShape });
  expect(report.method).toBe('tiny');
  expect(report.checks).toHaveLength(11);
});

const faults: readonly [string, Faults, RegExp][] = [
  ['lets a gradient reach its target', { leakGradientToTarget: true }, /A gradient reaches the state variable target\/0/],
  ['forgets its state', { forgetState: true }, /state\(\) misses something/],
  ['ignores the seed', { ignoreSeed: true }, /Two builds from one seed/],
  ['draws the same weights from every seed', { constantSeed: true }, /Two seeds draw the same values of encoder\/dense\/kernel/],
  ['shares its encoder with others', { shareEncoder: true }, /A step of one method changed encoder\/dense\/kernel.* of another/],
  ['has a metric under the name of the loss', { metricNamedLoss: true }, /The metric loss has the name of one that the loop reports/],
  ['answers what is not a number after the step', { nanAfterStep: true }, /afterStep answers momentum = NaN/],
  ['divides by zero on blank images', { divideByZero: true }, /With blank images, (loss is \[NaN\]|the gradient of .* is not finite)/],
  ['does not read a view', { ignoreView: true }, /The loss does not depend on the view b/],
  ['disposes a view', { disposeView: true }, /The loss disposed the view b/],
  ['trains itself in its loss', { trainInLoss: true }, /The loss changed the parameter encoder\/dense\/kernel/],
  ['answers its parameters in another order each time', { shuffleParameters: true }, /parameters\(\) answers other variables, or another order/],
  ['multiplies a parameter by zero', { parameterTimesZero: true }, /gradient of the parameter extra is zero everywhere/],
  ['mixes the images of a batch in its encoder', { centreBatch: true }, /depend on the other images of its batch/],
  ['has a layer that cannot be loaded', { unknownLayer: true }, /The encoder cannot be saved and loaded \(.*Unknown/],
  ['has an encoder that answers no vectors', { keepMap: true }, /The encoder answers \[.*, 3, 1\]/],
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
