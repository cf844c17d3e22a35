import { tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { allclose } from '@selfsup/testing';
import '@selfsup/testing/vitest';
import { expect, test } from 'vitest';

test('values within the tolerance pass, and one beyond it is named', () => {
  expect(allclose([1, 2], [1, 2.00001]).pass).toBe(true);
  const { pass, message } = allclose([1, 2, 3], [1, 2.1, 3]);
  expect(pass).toBe(false);
  expect(message).toContain('Value 1 of 3 is 2, expected 2.1');
});

test('NaN equals nothing, and infinities equal themselves', () => {
  expect(allclose([Number.NaN], [Number.NaN]).pass).toBe(false);
  expect(allclose([0, Number.NaN, 5], [0, 1, 5]).pass).toBe(false);
  expect(allclose([Infinity], [Infinity]).pass).toBe(true);
  expect(allclose([Infinity], [1]).pass).toBe(false);
});

test('shapes and lengths are compared', () => {
  expect(allclose(tensor2d([[1, 2]]), tensor1d([1, 2])).message).toContain('[1,2] was given, [2] expected');
  expect(allclose([1, 2], [1]).pass).toBe(false);
  expect(allclose(tensor2d([[1, 2]]), [[1, 2]]).pass).toBe(true);
});

test('the matcher speaks for both outcomes', () => {
  expect(tensor1d([1, 2])).toBeAllclose([1, 2]);
  expect([1]).not.toBeAllclose([2]);
  expect(() => expect([1]).toBeAllclose([2], { atol: 0.5 })).toThrow('expected 2 within');
});
