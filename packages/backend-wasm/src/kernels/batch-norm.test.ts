import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backendName, useWasmBackendSync } from '@selfsup/backend-wasm';

beforeAll(() => void useWasmBackendSync({ threads: 2 }));
afterAll(() => tf.removeBackend(backendName));

const epsilon = 1e-5;

interface Case {
  readonly rows: number;
  readonly channels: number;
  readonly relu: boolean;
  readonly residual: boolean;
  readonly affine: boolean;
  readonly mean?: number;
}

type Values = Float32Array | number[];

/** Float64, from the definition. */
function reference({ rows, channels, relu }: Case, x: Values, gamma: Values | undefined, beta: Values | undefined, residual: Values | undefined) {
  const [mean, variance] = [new Float64Array(channels), new Float64Array(channels)];
  for (let i = 0; i < x.length; i++) mean[i % channels]! += x[i]! / rows;
  for (let i = 0; i < x.length; i++) variance[i % channels]! += (x[i]! - mean[i % channels]!) ** 2 / rows;
  const y = Float64Array.from(x, (value, i) => {
    const c = i % channels;
    const out = ((gamma?.[c] ?? 1) * (value - mean[c]!)) / Math.sqrt(variance[c]! + epsilon) + (beta?.[c] ?? 0) + (residual?.[i] ?? 0);
    return relu ? Math.max(0, out) : out;
  });
  return { y, mean, variance };
}

const run = (name: string, inputs: Record<string, Tensor>, attrs: object): Tensor[] =>
  tf.engine().runKernel(name, inputs, attrs as never) as unknown as Tensor[];

function inputsOf({ rows, channels, residual, affine, mean = 0.5 }: Case, seed: number): Record<string, Tensor> {
  const draw = (shape: number[], s: number, centre = 0): Tensor => tf.randomNormal(shape, centre, 1.5, 'float32', seed + s);
  return {
    x: draw([rows, channels], 1, mean),
    ...(affine ? { gamma: draw([channels], 2, 1), beta: draw([channels], 3) } : {}),
    ...(residual ? { residual: draw([rows, channels], 4) } : {}),
  };
}

function gap(actual: Tensor, expected: ArrayLike<number>): number {
  const values = actual.dataSync() as Float32Array;
  expect(values.length).toBe(expected.length);
  return values.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!) / (1 + Math.abs(expected[i]!))), 0);
}

const switches = [false, true].flatMap((relu) => [false, true].flatMap((residual) => [false, true].map((affine) => ({ relu, residual, affine }))));
const sizes = [[5, 3], [64, 7], [1030, 13], [3000, 64], [131, 130], [2, 4], [9000, 16]] as const;
const cases: Case[] = sizes.flatMap(([rows, channels]) => switches.map((flags) => ({ rows, channels, ...flags })));

describe('SelfsupBatchNormTrain', () => {
  it.each(cases)('$rows × $channels relu=$relu residual=$residual affine=$affine', (given) => {
    tf.tidy(() => {
      const inputs = inputsOf(given, 10);
      const [y, mean, variance] = run('SelfsupBatchNormTrain', inputs, { epsilon, relu: given.relu });
      const { x, gamma, beta, residual } = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, tensor.dataSync() as Float32Array]));
      const expected = reference(given, x!, gamma, beta, residual);
      expect(gap(y!, expected.y)).toBeLessThan(2e-5);
      expect(gap(mean!, expected.mean)).toBeLessThan(1e-6);
      expect(gap(variance!, expected.variance)).toBeLessThan(1e-5);
    });
  });

  it.each(switches)('takes the statistics of each group for itself, and sums the gradients of γ and β over them: relu=$relu residual=$residual affine=$affine', (flags) => {
    tf.tidy(() => {
      const [groups, given] = [3, { rows: 3 * 130, channels: 21, ...flags }];
      const inputs = inputsOf(given, 7);
      const dy = tf.randomNormal(inputs['x']!.shape, 0, 1, 'float32', 5);
      const attrs = { epsilon, relu: given.relu, residual: given.residual };
      const of = (all: Record<string, Tensor>, group: number): Record<string, Tensor> =>
        Object.fromEntries(Object.entries(all).map(([name, t]) => [name, t.rank === 2 ? tf.split(t, groups)[group]! : t]));
      const pass = (own: Record<string, Tensor>, slope: Tensor, more: object): number[][] => {
        const [y, mean, variance] = run('SelfsupBatchNormTrain', own, { ...attrs, ...more });
        const { x, gamma, beta } = own;
        const gradients = run('SelfsupBatchNormTrainGrad', { dy: slope, x: x!, mean: mean!, variance: variance!, ...(gamma ? { gamma, beta: beta! } : {}), ...(given.relu && given.residual ? { y: y! } : {}) }, { ...attrs, ...more });
        return [y!, mean!, variance!, ...gradients].map((t) => [...t.dataSync()]);
      };
      const together = pass(inputs, dy, { groups });
      const apart = [0, 1, 2].map((group) => pass(of(inputs, group), tf.split(dy, groups)[group]!, {}));
      expect(together).toHaveLength(given.residual ? 7 : 6);
      const [dgammaAt, dbetaAt] = [4, 5];
      for (const [i, output] of together.entries()) {
        const summed = i === dgammaAt || i === dbetaAt;
        const ofAll = apart.map((own) => own[i]!);
        expect(output).toEqual(summed ? ofAll.reduce((sum, own) => sum.map((value, c) => Math.fround(value + own[c]!))) : ofAll.flat());
      }
    });
  });

  it.each([4, 0, 1.5])('refuses %s groups of 6 rows instead of reading past them', (groups) => {
    tf.tidy(() => {
      const inputs = inputsOf({ rows: 6, channels: 3, relu: false, residual: false, affine: false }, 1);
      expect(() => run('SelfsupBatchNormTrain', inputs, { epsilon, relu: false, groups })).toThrow();
    });
  });

  it('keeps its accuracy when the mean is far from 0', () => {
    tf.tidy(() => {
      const given: Case = { rows: 50_000, channels: 8, relu: false, residual: false, affine: false, mean: 1000 };
      const inputs = inputsOf(given, 3);
      const [, , variance] = run('SelfsupBatchNormTrain', inputs, { epsilon, relu: false });
      const expected = reference(given, inputs['x']!.dataSync() as Float32Array, undefined, undefined, undefined);
      expect(gap(variance!, expected.variance)).toBeLessThan(1e-5);
    });
  });

  it('answers the same bits for any number of threads, and every time', () => {
    const given: Case = { rows: 4001, channels: 33, relu: true, residual: true, affine: true };
    const bits = (threads: number): Float32Array[] => {
      tf.removeBackend(backendName);
      useWasmBackendSync({ threads });
      return tf.tidy(() => run('SelfsupBatchNormTrain', inputsOf(given, 5), { epsilon, relu: true }).map((t) => t.dataSync() as Float32Array));
    };
    const one = bits(1);
    expect(bits(3)).toEqual(one);
    expect(bits(2)).toEqual(one);
    expect(bits(2)).toEqual(one);
  });
});

describe('SelfsupMoveStatistics', () => {
  it.each([1, 2, 3])('moves running statistics by those of %i groups, one after the other, to the bit of a composition', (groups) => {
    tf.tidy(() => {
      const [channels, momentum, samples] = [37, 0.9, 50];
      const draw = (size: number, seed: number): Tensor => tf.randomUniform([size], 0.1, 2, 'float32', seed);
      const [runningMean, runningVariance, mean, variance] = [draw(channels, 1), draw(channels, 2), draw(groups * channels, 3), draw(groups * channels, 4)];
      const blend = (running: Tensor, batches: Tensor, take: number): Tensor =>
        tf.split(batches, groups).reduce((now, batch) => tf.add(tf.mul(now, momentum), tf.mul(batch, take)), running);
      const expected = [blend(runningMean, mean, 1 - momentum), blend(runningVariance, variance, ((1 - momentum) * samples) / (samples - 1))];
      const clone = runningMean.clone();
      const before = [...clone.dataSync()];
      const moved = run('SelfsupMoveStatistics', { runningMean, runningVariance, mean, variance }, { momentum, samples, groups });
      expect(moved.map((t) => [...t.dataSync()])).toEqual(expected.map((t) => [...t.dataSync()]));
      expect([...clone.dataSync()]).toEqual(before);
      expect([...runningVariance.dataSync()]).toEqual([...moved[1]!.dataSync()]);
    });
  });

  it('refuses statistics of another number of groups', () => {
    tf.tidy(() => {
      const [running, batch] = [tf.ones([4]), tf.ones([8])];
      const inputs = { runningMean: running, runningVariance: tf.ones([4]), mean: batch, variance: batch };
      expect(() => run('SelfsupMoveStatistics', inputs, { momentum: 0.9, samples: 3, groups: 3 })).toThrow();
    });
  });
});

describe('SelfsupBatchNorm', () => {
  it.each(sizes)('%i × %i is batch normalisation by given statistics, sum and relu in one pass', (rows, channels) => {
    for (const relu of [false, true]) {
      tf.tidy(() => {
        const { x, gamma, beta, residual } = inputsOf({ rows, channels, relu, residual: true, affine: true }, 4);
        const [mean, variance] = [tf.randomNormal([channels], 0, 1, 'float32', 1), tf.randomUniform([channels], 0.1, 4, 'float32', 2)];
        const [y] = [run('SelfsupBatchNorm', { x: x!, mean, variance, gamma: gamma!, beta: beta!, residual: residual! }, { epsilon, relu })].flat();
        const normed = tf.batchNorm(x as tf.Tensor2D, mean as tf.Tensor1D, variance as tf.Tensor1D, beta as tf.Tensor1D, gamma as tf.Tensor1D, epsilon);
        const sum = tf.add(normed, residual!);
        expect(gap(y!, (relu ? tf.relu(sum) : sum).dataSync())).toBeLessThan(1e-6);
      });
    }
  });
});

describe('SelfsupBatchNormTrainGrad', () => {
  it.each(cases)('$rows × $channels relu=$relu residual=$residual affine=$affine', (given) => {
    tf.tidy(() => {
      const { rows, channels, relu, residual } = given;
      const inputs = inputsOf(given, 20);
      const [y, mean, variance] = run('SelfsupBatchNormTrain', inputs, { epsilon, relu });
      const dy = tf.randomNormal([rows, channels], 0.1, 1, 'float32', 9);
      const { x, gamma, beta } = inputs;
      const outputs = run(
        'SelfsupBatchNormTrainGrad',
        { dy, x: x!, mean: mean!, variance: variance!, ...(relu && residual ? { y: y! } : {}), ...(gamma ? { gamma, beta: beta! } : {}) },
        { epsilon, relu, residual },
      );
      expect(outputs).toHaveLength(residual ? 4 : 3);
      const expected = referenceGrad(given, dy.dataSync() as Float32Array, x!.dataSync() as Float32Array, y!.dataSync() as Float32Array, gamma?.dataSync() as Float32Array | undefined);
      for (const [i, output] of outputs.entries()) expect(gap(output, expected[i]!)).toBeLessThan(i === 0 || i === 3 ? 5e-5 : 2e-6 * rows ** 0.5 + 2e-5);
    });
  });

  it.each(switches)('answers the same, in dy’s own storage where it is given up and not shared: relu=$relu residual=$residual affine=$affine', ({ relu, residual, affine }) => {
    tf.tidy(() => {
      const inputs = inputsOf({ rows: 70, channels: 21, relu, residual, affine }, 20);
      const [y, mean, variance] = run('SelfsupBatchNormTrain', inputs, { epsilon, relu });
      const { residual: added, ...own } = inputs;
      const draw = (): Tensor => tf.randomNormal([70, 21], 0.1, 1, 'float32', 9);
      const grad = (dy: Tensor, reuse: boolean): number[][] =>
        run('SelfsupBatchNormTrainGrad', { ...own, dy, mean: mean!, variance: variance!, ...(added && relu ? { y: y! } : {}) }, { epsilon, relu, residual, reuse }).map((t) => [
          ...t.dataSync(),
        ]);
      const [dy, shared, alone] = [draw(), draw(), draw()];
      const clone = shared.clone();
      const [plain, copied, reused] = [grad(dy, false), grad(shared, true), grad(alone, true)];
      expect(copied).toEqual(plain);
      expect(reused).toEqual(plain);
      const values = [...draw().dataSync()];
      expect([...dy.dataSync()]).toEqual(values);
      expect([...clone.dataSync()]).toEqual(values);
      // Without relu the residual's gradient is dy, which must stay as it is.
      const written = !residual || relu;
      expect([...alone.dataSync()]).toEqual(written ? reused[residual ? 3 : 0] : values);
    });
  });

  /** Not from the formula: by differences of the forward definition, in float64. */
  it.each(switches)('agrees with differences, relu=$relu residual=$residual affine=$affine', (flags) => {
    tf.tidy(() => {
      const given: Case = { rows: 9, channels: 5, ...flags };
      const inputs = inputsOf(given, 30);
      const [y, mean, variance] = run('SelfsupBatchNormTrain', inputs, { epsilon, relu: flags.relu });
      const dy = tf.randomNormal([9, 5], 0, 1, 'float32', 9);
      const [dx, dgamma, dbeta, dresidual] = run(
        'SelfsupBatchNormTrainGrad',
        { dy, x: inputs['x']!, mean: mean!, variance: variance!, ...(flags.relu && flags.residual ? { y: y! } : {}), ...(inputs['gamma'] ? { gamma: inputs['gamma'], beta: inputs['beta']! } : {}) },
        { epsilon, relu: flags.relu, residual: flags.residual },
      );
      const operands = new Map(Object.entries(inputs).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
      const weights = dy.dataSync();
      const objective = (): number => {
        const out = reference(given, operands.get('x')!, operands.get('gamma'), operands.get('beta'), operands.get('residual')).y;
        return out.reduce((sum, value, i) => sum + value * weights[i]!, 0);
      };
      const h = 1e-6;
      const slopes = new Map<string, Tensor>([['x', dx!], ['gamma', dgamma!], ['beta', dbeta!], ...(dresidual ? [['residual', dresidual] as const] : [])]);
      for (const [name, values] of operands) {
        const numeric = values.map((value, i) => {
          values[i] = value + h;
          const above = objective();
          values[i] = value - h;
          const below = objective();
          values[i] = value;
          return (above - below) / (2 * h);
        });
        expect(gap(slopes.get(name)!, numeric)).toBeLessThan(1e-4);
      }
    });
  });
});

function referenceGrad({ rows, channels, relu }: Case, dy: Values, x: Values, y: Values, gamma: Values | undefined): Float64Array[] {
  const { mean, variance } = reference({ rows, channels, relu } as Case, x, undefined, undefined, undefined);
  const g = Float64Array.from(dy, (value, i) => (!relu || y[i]! > 0 ? value : 0));
  const [dgamma, dbeta] = [new Float64Array(channels), new Float64Array(channels)];
  const normed = Float64Array.from(x, (value, i) => (value - mean[i % channels]!) / Math.sqrt(variance[i % channels]! + epsilon));
  for (const [i, value] of g.entries()) {
    dgamma[i % channels]! += value * normed[i]!;
    dbeta[i % channels]! += value;
  }
  const dx = g.map((value, i) => {
    const c = i % channels;
    return ((gamma?.[c] ?? 1) / Math.sqrt(variance[c]! + epsilon)) * (value - dbeta[c]! / rows - (normed[i]! * dgamma[c]!) / rows);
  });
  return [dx, dgamma, dbeta, g];
}
