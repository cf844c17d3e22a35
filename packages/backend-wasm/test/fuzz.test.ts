import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { backendName, useWasmBackendSync } from '@selfsup/backend-wasm';
import type { Case, Family } from './fuzz/case.ts';
import { batchNorm, conv, depthwise, einsum, matMul, pool, reduce, wideConv } from './fuzz/contraction.ts';
import { binary, casts, logical, select, unary } from './fuzz/elementwise.ts';
import { gradients } from './fuzz/gradient.ts';
import { seededRandom } from './fuzz/random.ts';
import { shapes } from './fuzz/shape.ts';

beforeAll(() => void useWasmBackendSync({ threads: 2 }));
afterAll(() => tf.removeBackend(backendName));

/** The outputs' shapes, types and numbers, or the error: backends must agree in that too. */
type Outcome = readonly { readonly shape: readonly number[]; readonly dtype: string; readonly values: ArrayLike<number> }[] | string;

function outcomeOf(backend: string, { run }: Case): Outcome {
  void tf.setBackend(backend);
  tf.engine().startScope();
  try {
    const result = run();
    const tensors: readonly Tensor[] = Array.isArray(result) ? result : [result as Tensor];
    return tensors.map((t) => ({ shape: t.shape, dtype: t.dtype, values: t.dataSync() as Float32Array }));
  } catch (error) {
    return String(error);
  } finally {
    tf.engine().endScope();
  }
}

function complaint({ name, tolerance = 1e-5 }: Case, expected: Outcome, actual: Outcome): string | undefined {
  if (typeof expected === 'string' || typeof actual === 'string') return typeof expected === typeof actual ? undefined : `${name}: ${String(expected)} | ${String(actual)}`;
  for (const [i, { shape, dtype, values }] of expected.entries()) {
    const other = actual[i];
    if (other === undefined || other.dtype !== dtype || `${other.shape}` !== `${shape}`) return `${name}: [${shape}] ${dtype} became [${other?.shape}] ${other?.dtype}`;
    for (let j = 0; j < values.length; j++) {
      const [a, b] = [other.values[j]!, values[j]!];
      const same = Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * (1 + Math.abs(b));
      if (!same) return `${name}: output ${i}[${j}] is ${a}, not ${b}`;
    }
  }
  return undefined;
}

const families: Readonly<Record<string, readonly [family: Family, cases: number]>> = {
  binary: [binary, 1500], unary: [unary, 800], casts: [casts, 100], select: [select, 100], logical: [logical, 150], shapes: [shapes, 1500], reduce: [reduce, 800],
  matMul: [matMul, 400], conv: [conv, 400], wideConv: [wideConv, 40], depthwise: [depthwise, 120], pool: [pool, 250], einsum: [einsum, 300], batchNorm: [batchNorm, 80], gradients: [gradients, 900],
};

/** What differs from the cpu backend in so many cases of a family. */
function check(family: Family, count: number): void {
  const random = seededRandom(count);
  const cases = Array.from({ length: count }, () => family(random));
  void tf.setBackend(backendName);
  const before = { tensors: tf.memory().numTensors, heap: useWasmBackendSync().engine.bytesInUse };
  const refused: string[] = [];
  const complaints = cases.flatMap((one) => {
    const expected = outcomeOf('cpu', one);
    if (typeof expected === 'string') refused.push(`${one.name}: ${expected}`);
    return complaint(one, expected, outcomeOf(backendName, one)) ?? [];
  });
  expect(complaints).toEqual([]);
  // Cases that no backend takes test nothing.
  expect(refused.slice(0, refused.length > count / 20 ? 9 : 0)).toEqual([]);
  expect({ tensors: tf.memory().numTensors, heap: useWasmBackendSync().engine.bytesInUse }).toEqual(before);
}

it.each(Object.entries(families))('%s: as on the cpu backend, and nothing is left behind', (_, [family, count]) => check(family, count));

it('the same beyond the first 2 GiB of the heap, where addresses are negative as signed numbers', () => {
  const { engine } = useWasmBackendSync();
  const held: number[] = [];
  // Chunks as large as they come, so that nothing is left below.
  for (let size = 2 ** 29; size >= 64; size /= 2) {
    do held.push(engine.alloc(size));
    while (held.at(-1)! < 2 ** 31);
  }
  for (const [family, count] of Object.values(families)) check(family, Math.ceil(count / 10));
  for (const at of held) engine.free(at);
});
