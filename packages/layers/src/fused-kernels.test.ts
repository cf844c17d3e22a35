// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
// oxlint-disable-next-line import/no-unassigned-import -- registers the gradients
import '@tensorflow/tfjs-layers';
import { customGrad, grads, mul, randomNormal, ready, registerKernel, setBackend, sum, tensor, unregisterKernel } from '@tensorflow/tfjs-core';
import type { KernelConfig, Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { batchNorm } from '@selfsup/layers';
import { batchNormInfer } from './batch-norm-infer.ts';
import { batchNormTrain } from './batch-norm-train.ts';

// The contract with backends that have the fused kernels, played by the definition in plain loops: which inputs,
// attributes and outputs are exchanged, and that a gradient made of them is the one of the composition.

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

interface Call {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly attrs: Readonly<Record<string, unknown>>;
}

const values = (t: Tensor): number[] => [...t.dataSync()];
const draw = (size: number[], seed: number): Tensor => randomNormal(size, 0.5, 1, 'float32', seed);
const sorted = (record: object): string[] => Object.keys(record).toSorted();

function channelSums(list: readonly number[], channels: number): number[] {
  return Array.from({ length: channels }, (_, c) => list.reduce((total, value, i) => (i % channels === c ? total + value : total), 0));
}

function trainKernel({ inputs, attrs }: Call): Tensor[] {
  const { x, gamma, beta, residual } = inputs;
  const channels = x!.shape.at(-1)!;
  const [data, n] = [values(x!), x!.size / channels];
  const mean = channelSums(data, channels).map((total) => total / n);
  const variance = channelSums(data.map((value, i) => (value - mean[i % channels]!) ** 2), channels).map((total) => total / n);
  const [g, b, r] = [gamma, beta, residual].map((t) => (t ? values(t) : undefined));
  const y = data.map((value, i) => {
    const c = i % channels;
    const out = ((g?.[c] ?? 1) * (value - mean[c]!)) / Math.sqrt(variance[c]! + Number(attrs['epsilon'])) + (b?.[c] ?? 0) + (r?.[i] ?? 0);
    return attrs['relu'] ? Math.max(0, out) : out;
  });
  return [tensor(y, x!.shape), tensor(mean), tensor(variance)];
}

function gradKernel({ inputs, attrs }: Call): Tensor[] {
  const { dy, x, y, gamma, beta, mean, variance } = inputs;
  const channels = x!.shape.at(-1)!;
  const n = x!.size / channels;
  const [means, variances, gammas, betas] = [values(mean!), values(variance!), gamma ? values(gamma) : undefined, beta ? values(beta) : undefined];
  const deviation = variances.map((value) => Math.sqrt(value + Number(attrs['epsilon'])));
  const normed = values(x!).map((value, i) => (value - means[i % channels]!) / deviation[i % channels]!);
  const out = y ? values(y) : normed.map((value, i) => (gammas?.[i % channels] ?? 1) * value + (betas?.[i % channels] ?? 0));
  const g = values(dy!).map((value, i) => (!attrs['relu'] || out[i]! > 0 ? value : 0));
  const dbeta = channelSums(g, channels);
  const dgamma = channelSums(g.map((value, i) => value * normed[i]!), channels);
  const dx = g.map((value, i) => {
    const c = i % channels;
    return ((gammas?.[c] ?? 1) / deviation[c]!) * (value - dbeta[c]! / n - (normed[i]! * dgamma[c]!) / n);
  });
  return [tensor(dx, x!.shape), tensor(dgamma), tensor(dbeta), ...(attrs['residual'] ? [tensor(g, x!.shape)] : [])];
}

const names = ['SelfsupBatchNormTrain', 'SelfsupBatchNormTrainGrad'] as const;
let calls: Call[] = [];

function registerFused(): void {
  calls = [];
  for (const [i, kernelName] of names.entries()) {
    const kernelFunc = (call: unknown): Tensor[] => {
      calls.push(call as Call);
      return (i === 0 ? trainKernel : gradKernel)(call as Call);
    };
    registerKernel({ kernelName, backendName: 'cpu', kernelFunc: kernelFunc as KernelConfig['kernelFunc'] });
  }
}

let registered = false;
afterEach(() => {
  if (registered) for (const name of names) unregisterKernel(name, 'cpu');
  registered = false;
});

const cases = [false, true].flatMap((relu) =>
  [false, true].flatMap((residual) => [false, true].map((affine) => ({ relu, residual, affine }))),
);

describe('a backend with the fused kernels', () => {
  it.each(cases)('is asked for relu=$relu residual=$residual affine=$affine by the contract, and agrees with the composition', ({ relu, residual, affine }) => {
    const shape = [3, 2, 2, 4];
    const operands = [draw(shape, 1), ...(affine ? [draw([4], 2), draw([4], 3)] : []), ...(residual ? [draw(shape, 4)] : [])];
    const weights = draw(shape, 5);
    const run = (): { outputs: number[][]; statistics: number[][] } => {
      const statistics: number[][] = [];
      const objective = (...given: Tensor[]): Tensor =>
        sum(
          mul(
            batchNormTrain({
              x: given[0]!,
              epsilon: 1e-5,
              relu,
              ...(affine ? { affine: { gamma: given[1] as Tensor1D, beta: given[2] as Tensor1D } } : {}),
              ...(residual ? { residual: given.at(-1)! } : {}),
              onStatistics: ({ mean, variance }) => statistics.push(values(mean), values(variance)),
            }),
            weights,
          ),
        );
      return { outputs: grads(objective)(operands).map(values), statistics };
    };
    const composed = run();
    registerFused();
    registered = true;
    const fused = run();

    const [forward, backward] = calls as [Call, Call];
    expect(calls).toHaveLength(2);
    expect(sorted(forward.inputs)).toEqual([...(affine ? ['beta', 'gamma'] : []), ...(residual ? ['residual'] : []), 'x']);
    expect(forward.attrs).toEqual({ epsilon: 1e-5, relu, groups: 1 });
    expect(sorted(backward.inputs)).toEqual([...(affine ? ['beta'] : []), 'dy', ...(affine ? ['gamma'] : []), 'mean', 'variance', 'x', ...(relu && residual ? ['y'] : [])]);
    expect(backward.attrs).toEqual({ epsilon: 1e-5, relu, residual, groups: 1, reuse: false });
    for (const [i, list] of [...fused.outputs, ...fused.statistics].entries()) {
      const other = [...composed.outputs, ...composed.statistics][i]!;
      for (const [j, value] of list.entries()) expect(value).toBeCloseTo(other[j]!, 4);
    }
  });
});

describe('a slope that is given up', () => {
  it.each([true, false])('is offered to the fused kernel, and no other: %s', (given) => {
    registerFused();
    registered = true;
    const x = draw([4, 3], 1);
    const sloped = customGrad((y) => ({
      value: (y as Tensor).clone(),
      gradFunc: (dy: Tensor) => Object.assign(mul(dy, 2), given ? { [Symbol.for('selfsup.givenUp')]: true } : {}),
    }));
    grads((input: Tensor) => sum(sloped(batchNormTrain({ x: input, epsilon: 1e-5, relu: true, onStatistics: () => {} }))))([x]);
    expect(calls[1]!.attrs['reuse']).toBe(given);
  });
});

describe('a backend with the fused kernel of running statistics', () => {
  afterEach(() => unregisterKernel('SelfsupMoveStatistics', 'cpu'));

  it('is asked by the contract, and its answers are the new statistics', () => {
    const layer = batchNorm({ momentum: 0.8 });
    const x = draw([6, 2], 1);
    layer.apply(x, { training: true });
    const before = layer.nonTrainableWeights.map((weight) => values(weight.read()));
    const asked: { inputs: Record<string, number[]>; attrs: Call['attrs'] }[] = [];
    const kernelFunc = ({ inputs, attrs }: Call): Tensor[] => {
      asked.push({ attrs, inputs: Object.fromEntries(Object.entries(inputs).map(([name, t]) => [name, values(t)])) });
      return [tensor([1, 2]), tensor([3, 4])];
    };
    registerKernel({ kernelName: 'SelfsupMoveStatistics', backendName: 'cpu', kernelFunc } as unknown as KernelConfig);
    layer.apply(x, { training: true });
    expect(asked).toHaveLength(1);
    const { inputs, attrs } = asked[0]!;
    expect([inputs['runningMean'], inputs['runningVariance']]).toEqual(before);
    const mean = channelSums(values(x), 2).map((total) => total / 6);
    const variance = channelSums(values(x).map((value, i) => (value - mean[i % 2]!) ** 2), 2).map((total) => total / 6);
    for (const [name, expected] of [['mean', mean], ['variance', variance]] as const) {
      for (const [c, value] of inputs[name]!.entries()) expect(value).toBeCloseTo(expected[c]!, 5);
    }
    expect(attrs).toEqual({ momentum: 0.8, samples: 6, groups: 1 });
    expect(layer.nonTrainableWeights.map((weight) => values(weight.read()))).toEqual([[1, 2], [3, 4]]);
    layer.dispose();
  });
});

describe('a backend with the fused kernel of inference', () => {
  afterEach(() => unregisterKernel('SelfsupBatchNorm', 'cpu'));

  it.each([[true, false], [false, true], [true, true]])('is asked for relu=%s residual=%s by the contract, and agrees with the composition', (relu, residual) => {
    const shape = [5, 4, 3];
    const [mean, variance] = [tensor([0.5, 0, -1]), tensor([0.2, 1, 4])] as [Tensor1D, Tensor1D];
    const operands = [draw(shape, 1), draw([3], 2), draw([3], 3), ...(residual ? [draw(shape, 4)] : [])];
    const weights = draw(shape, 5);
    const run = (): number[][] => {
      const pass = (x: Tensor, gamma: Tensor, beta: Tensor, added?: Tensor): Tensor =>
        batchNormInfer({ x, mean, variance, gamma: gamma as Tensor1D, beta: beta as Tensor1D, residual: added, epsilon: 1e-5, relu });
      const [x, gamma, beta, added] = operands as [Tensor, Tensor, Tensor, Tensor?];
      const objective = (...given: Tensor[]): Tensor => sum(mul(pass(...(given as [Tensor, Tensor, Tensor, Tensor?])), weights));
      return [pass(x, gamma, beta, added), ...grads(objective)(operands)].map(values);
    };
    const composed = run();
    const asked: Call[] = [];
    const kernelFunc = ({ inputs, attrs }: Call): Tensor => {
      asked.push({ inputs, attrs });
      const [data, g, b, m, v] = [inputs['x']!, inputs['gamma']!, inputs['beta']!, mean, variance].map(values) as [number[], number[], number[], number[], number[]];
      const r = inputs['residual'] ? values(inputs['residual']) : undefined;
      const y = data.map((value, i) => (g[i % 3]! * (value - m[i % 3]!)) / Math.sqrt(v[i % 3]! + 1e-5) + b[i % 3]! + (r?.[i] ?? 0));
      return tensor(relu ? y.map((value) => Math.max(0, value)) : y, shape);
    };
    registerKernel({ kernelName: 'SelfsupBatchNorm', backendName: 'cpu', kernelFunc } as unknown as KernelConfig);
    const fused = run();
    expect(asked).toHaveLength(2);
    expect(sorted(asked[0]!.inputs)).toEqual(['beta', 'gamma', 'mean', ...(residual ? ['residual'] : []), 'variance', 'x']);
    expect(asked[0]!.attrs).toEqual({ epsilon: 1e-5, relu });
    for (const [i, list] of fused.entries()) for (const [j, value] of list.entries()) expect(value).toBeCloseTo(composed[i]![j]!, 4);
  });
});
