import { add, addN, customGrad, dispose, engine, exp, getBackend, keep, matMul, memory, mul, relu, scalar, setBackend, split, square, sub, sum, tensor, tidy, variable, variableGrads } from '@tensorflow/tfjs-core';
import type { GradSaveFunc, Scalar, Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { backendName, useWasmBackendSync } from '@selfsup/backend-wasm';
import { valueAndGradients } from './backward.ts';

const numbers = (length: number, seed: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7 + seed));
const matrix = (rows: number, columns: number, seed: number): Variable => variable(tensor(numbers(rows * columns, seed), [rows, columns]));

/** An op whose gradient hands its dy on, twice, as it came. */
const sumOfTwo = customGrad((a, b) => ({
  value: add(a as Tensor, b as Tensor),
  gradFunc: (dy: Tensor) => [dy, dy],
}));

/** An op whose gradient is, for a dy of 1, the very tensor that it saved. */
const exponential = customGrad((x, save) => {
  const y = exp(x as Tensor);
  (save as GradSaveFunc)([y]);
  return { value: y, gradFunc: (_: Tensor, [saved]: Tensor[]) => saved! };
});

const isGivenUp = (dy: Tensor): boolean => (dy as unknown as Record<symbol, unknown>)[Symbol.for('selfsup.givenUp')] === true;
let overwritten = 0;

/** An op whose gradient writes over its dy where it may, as a fused kernel does. */
const doubled = customGrad((x) => ({
  value: mul(x as Tensor, 2),
  gradFunc: (dy: Tensor) => {
    if (!isGivenUp(dy) || getBackend() !== backendName) return mul(dy, 2);
    overwritten++;
    return engine().runKernel('SelfsupAccumulate', { sum: dy, x: dy });
  },
}));

const functions: Record<string, (a: Tensor2D, b: Tensor2D) => Scalar> = {
  'a chain': (a, b) => sum(relu(matMul(relu(matMul(a, b)), b))),
  'a tensor used thrice': (a, b) => {
    const c = matMul(a, b);
    return sum(mul(add(c, relu(c)), c));
  },
  'one operand twice': (a) => sum(mul(a, a)),
  'a gradient that is passed on': (a, b) => {
    const c = relu(a);
    return sum(mul(sumOfTwo(sumOfTwo(c, c), sub(c, b)), c));
  },
  'a gradient that was saved': (a) => add(sum(square(a)), sum(exponential(a))),
  'a gradient that is written over': (a, b) => {
    const c = relu(matMul(a, b));
    return sum(mul(add(doubled(c), doubled(doubled(c))), add(doubled(c), a)));
  },
  'an output that nothing reads': (a) => {
    const [first] = split(a, 2, 1);
    return sum(mul(first!, first!));
  },
  'a sum of many': (a, b) => sum(addN([a, b, a, relu(a)])),
  'a variable without influence': (a) => sum(a),
};

describe.each(['cpu', backendName])('on %s', (backend) => {
  beforeAll(async () => {
    if (backend === backendName) useWasmBackendSync({ threads: 2 });
    else await setBackend(backend);
  });

  test.each(Object.entries(functions))('%s: the gradients of tfjs, and nothing left behind', async (_, f) => {
    const a = matrix(4, 4, 0);
    const b = matrix(4, 4, 5);
    const call = (): Scalar => f(a as unknown as Tensor2D, b as unknown as Tensor2D);
    const expected = variableGrads(call, [a, b]);
    const before = memory();
    const { value, gradients } = valueAndGradients(call, [a, b]);
    expect(memory().numTensors).toBe(before.numTensors + 1 + gradients.filter(Boolean).length);
    expect(value.dataSync()).toEqual(expected.value.dataSync());
    for (const [index, { name }] of [a, b].entries()) {
      expect(gradients[index]?.dataSync()).toEqual(expected.grads[name]?.dataSync());
    }
    dispose([value, gradients.flatMap((gradient) => gradient ?? [])]);
    expect(memory().numDataBuffers).toBe(before.numDataBuffers);
    dispose([a, b, expected.value, expected.grads]);
  });

  test('only its own slopes are given up, not those of tfjs', () => {
    const a = matrix(2, 2, 0);
    const f = (): Scalar => sum(doubled(relu(a)));
    overwritten = 0;
    dispose(variableGrads(f, [a]).grads);
    expect(overwritten).toBe(0);
    const { value, gradients } = valueAndGradients(f, [a]);
    expect(overwritten).toBe(backend === backendName ? 1 : 0);
    dispose([value, gradients.flatMap((gradient) => gradient ?? []), a]);
  });

  test('a sum of gradients is formed in place only where nobody else holds it', () => {
    const a = matrix(4, 4, 0);
    const seen: Tensor[] = [];
    const watched = customGrad((x) => ({
      value: (x as Tensor).clone(),
      gradFunc: (dy: Tensor) => {
        seen.push(keep(dy.clone()));
        return dy;
      },
    }));
    const { value, gradients } = valueAndGradients(() => {
      const c = relu(a);
      return sum(add(mul(c, c), add(mul(watched(c), 2), mul(watched(c), 3))));
    }, [a]);
    expect(seen.map((dy) => [...new Set(dy.dataSync())])).toEqual([[3], [2]]);
    dispose([value, gradients.flatMap((gradient) => gradient ?? []), seen, a]);
  });
});

test('memory falls while the pass goes back, where that of tfjs grows', () => {
  const seen: number[] = [];
  const watched = customGrad((x) => ({
    value: (x as Tensor).clone(),
    gradFunc: (dy: Tensor) => {
      seen.push(memory().numBytes);
      return mul(dy, 1);
    },
  }));
  const w = variable(scalar(1.5));
  const x = tensor(numbers(1000, 1));
  const deep = (): Scalar => {
    let y: Tensor = mul(x, w);
    for (let layer = 0; layer < 10; layer++) y = relu(watched(mul(y, w)));
    return sum(y);
  };
  const peakOf = (gradientsOf: () => unknown): { readonly first: number; readonly last: number } => {
    seen.length = 0;
    const start = memory().numBytes;
    tidy(() => void gradientsOf());
    return { first: seen[0]! - start, last: seen.at(-1)! - start };
  };
  const tfjs = peakOf(() => variableGrads(deep, [w]));
  const ours = peakOf(() => {
    const { value, gradients } = valueAndGradients(deep, [w]);
    return [value, gradients];
  });
  expect(tfjs.last).toBeGreaterThan(1.5 * tfjs.first);
  expect(ours.last).toBeLessThan(0.4 * ours.first);
  dispose([w, x]);
});

test('a function that throws, one that depends on nothing and one within a gradient leave the engine as it was', () => {
  const a = matrix(2, 2, 0);
  const before = memory().numTensors;
  const failing = (): Scalar => {
    sum(relu(mul(a, a)));
    throw new Error('the loss gave up');
  };
  expect(() => valueAndGradients(failing, [a])).toThrow('the loss gave up');
  expect(() => tidy(() => valueAndGradients(() => scalar(1), [a]).value)).toThrow('does not depend on any parameter');
  expect(() => variableGrads(() => valueAndGradients(() => sum(a), [a]).value, [a])).toThrow('does not nest');
  expect(memory().numTensors).toBe(before);
  expect(engine().state.gradientDepth).toBe(0);
  expect(tidy(() => variableGrads(() => sum(mul(a, 2)), [a]).grads[a.name]!.dataSync())).toEqual(Float32Array.of(2, 2, 2, 2));
  a.dispose();
});
