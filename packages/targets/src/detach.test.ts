import { add, exp, grad, memory, mul, square, sum, tensor1d, valueAndGrads, variable, variableGrads } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { valuesOfOne } from '../test/network.ts';
import { detach, withoutGradient } from './detach.ts';

const chain = (x: Tensor): Tensor => Array.from({ length: 20 }).reduce<Tensor>((y) => exp(mul(y, 0.1)), x);

/** Tensors that a forward pass leaves alive while it is being differentiated. */
function liveDuring(forward: (x: Tensor) => Tensor): number {
  let live = 0;
  valueAndGrads((x: Tensor) => {
    const before = memory().numTensors;
    const y = forward(x);
    live = memory().numTensors - before;
    return sum<Scalar>(add(x, y));
  })([tensor1d([1, 2])]);
  return live;
}

describe('detach', () => {
  it('is a constant to the gradient: d/dx sum(x · detach(x)) = x, not 2x', () => {
    const x = tensor1d([1, -2, 3]);
    expect(valuesOfOne(grad((v: Tensor) => sum(mul(v, detach(v))))(x))).toEqual([1, -2, 3]);
    expect(valuesOfOne(grad((v: Tensor) => sum(mul(v, v)))(x))).toEqual([2, -4, 6]);
  });

  it('answers the values, outside of a gradient too, and leaves its input alone', () => {
    const x = tensor1d([1, 2]);
    const before = memory().numTensors;
    const y = detach(x);
    expect(valuesOfOne(y)).toEqual([1, 2]);
    y.dispose();
    expect(valuesOfOne(x)).toEqual([1, 2]);
    expect(memory().numTensors).toBe(before);
  });

  it('leaves a variable that is only reached through it out of variableGrads', () => {
    const [reached, behind] = [variable(tensor1d([1, 2])), variable(tensor1d([3, 4]))];
    const { grads } = variableGrads(() => sum<Scalar>(mul(reached, detach(square(behind)))), [reached, behind]);
    expect(valuesOfOne(grads[reached.name]!)).toEqual([9, 16]);
    expect(Object.keys(grads)).toEqual([reached.name]);
  });
});

describe('withoutGradient', () => {
  it('keeps none of its activations, while the tape would', () => {
    expect(liveDuring((x) => withoutGradient(() => chain(x)))).toBe(1);
    expect(liveDuring(chain)).toBeGreaterThan(20);
  });
});
