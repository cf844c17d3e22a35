import { dispose, tensor1d, variable } from '@tensorflow/tfjs-core';
import { smallResNet } from '@selfsup/backbones';
import { useWasmBackend } from '@selfsup/backend-wasm';
import type { Parameter, Role, StepInfo } from '@selfsup/optim';
import { byolPresets } from '@selfsup/recipes/byol';
import { simsiamPresets } from '@selfsup/recipes/simsiam';
import '@selfsup/testing/vitest';
import { beforeAll, describe, expect, it } from 'vitest';

beforeAll(async () => {
  await useWasmBackend();
});

interface Published {
  readonly preset: string;
  readonly epochs: number;
  readonly batchSize: number;
  /** At the published batch size, after the warm-up. */
  readonly peak: number;
  readonly weightDecay: number;
  /** LARS, which leaves biases and BN out; without it SGD, which decays all. */
  readonly trust?: number;
  /** τ of the first step; without it there is no moving average. */
  readonly momentum?: number;
  /** Outputs of the linear layers of projector and predictor. */
  readonly projector: readonly number[];
  readonly predictor: readonly number[];
  readonly views: string;
  readonly predictorRateIsFixed?: true;
}

const byolHeads = { projector: [4096, 256], predictor: [4096, 256] };
const byolImageNet = { ...byolHeads, batchSize: 4096, trust: 1e-3, views: 'byol-imagenet' };
const published: readonly Published[] = [
  { preset: 'imagenet-40', epochs: 40, peak: 7.2, weightDecay: 1e-6, momentum: 0.97, ...byolImageNet },
  { preset: 'imagenet-100', epochs: 100, peak: 7.2, weightDecay: 1e-6, momentum: 0.99, ...byolImageNet },
  { preset: 'imagenet-300', epochs: 300, peak: 4.8, weightDecay: 1e-6, momentum: 0.99, ...byolImageNet },
  { preset: 'imagenet-1000', epochs: 1000, peak: 3.2, weightDecay: 1.5e-6, momentum: 0.996, ...byolImageNet },
  { preset: 'cifar', epochs: 1000, batchSize: 256, peak: 1, weightDecay: 1e-5, trust: 0.02, momentum: 0.99, views: 'byol-cifar', ...byolHeads },
  {
    preset: 'imagenet', epochs: 100, batchSize: 512, peak: 0.1, weightDecay: 1e-4, views: 'simsiam-imagenet',
    projector: [2048, 2048, 2048], predictor: [512, 2048], predictorRateIsFixed: true,
  },
  { preset: 'cifar', epochs: 800, batchSize: 512, peak: 0.06, weightDecay: 5e-4, views: 'simsiam-cifar', projector: [2048, 2048], predictor: [512, 2048] },
];

const stepsPerEpoch = 10;

/** Where a training stands, at a step within an epoch. */
const standing = ({ epochs, batchSize }: Published, step: number): StepInfo => ({
  step, totalSteps: epochs * stepsPerEpoch, epoch: Math.floor(step / stepsPerEpoch), stepsPerEpoch, batchSize,
});

/** BYOL warms up over 10 epochs and decays at every step; SimSiam decays once per epoch. */
function rateAt({ epochs, peak, trust }: Published, step: number): number {
  const warmup = trust === undefined ? 0 : 10 * stepsPerEpoch;
  if (step < warmup) return (peak * step) / warmup;
  const now = trust === undefined ? stepsPerEpoch * Math.floor(step / stepsPerEpoch) : step;
  return (peak / 2) * (1 + Math.cos((Math.PI * (now - warmup)) / (epochs * stepsPerEpoch - warmup)));
}

const start = [1, 0];
/** Across the weights and as long as their decay, so that the length of the sum, which LARS divides by, tells of both. */
const slopeOf = ({ weightDecay }: Published): number[] => [0, weightDecay];

/** The weights after two steps at one rate with a momentum of .9, in double precision. */
function twoSteps(expected: Published, rate: number, role: Role): number[] {
  const { weightDecay, trust } = expected;
  const excluded = trust !== undefined && role !== 'weight';
  let w = start;
  let v = [0, 0];
  for (let step = 0; step < 2; step++) {
    const u = slopeOf(expected).map((g, i) => g + (excluded ? 0 : weightDecay) * w[i]!);
    const ratio = trust === undefined || excluded ? 1 : (trust * Math.hypot(...w)) / Math.hypot(...u);
    v = v.map((value, i) => 0.9 * value + ratio * u[i]!);
    w = w.map((value, i) => value - rate * v[i]!);
  }
  return w;
}

const presetOf = ({ preset, views }: Published): (typeof byolPresets)[number] =>
  (views.startsWith('byol') ? byolPresets : simsiamPresets).find(({ name }) => name === preset)!;

describe.each(published)('$views, $epochs epochs', (expected) => {
  const preset = presetOf(expected);
  const { epochs, batchSize } = expected;

  it('has the published length, batch and views', () => {
    expect([preset.epochs, preset.batchSize]).toEqual([epochs, batchSize]);
    expect(preset.views({ size: 32, channels: 3 }).a.name).toBe(`${expected.views}/a`);
  });

  it('has the published rates', () => {
    const optimizer = preset.optimizer({ batchSize });
    for (const step of [0, 5, 50, 100, 205, epochs * 5, epochs * 10 - 1]) {
      const { learningRate } = optimizer.step([], new Map(), standing(expected, step));
      expect(learningRate, `step ${step}`).toBeCloseTo(rateAt(expected, step), 9);
    }
    optimizer.dispose();
  });

  it('decays and adapts what the paper does', () => {
    const optimizer = preset.optimizer({ batchSize });
    const groups = ['encoder', 'predictor'] as const;
    const parameters: Parameter[] = groups.flatMap((group) =>
      (['weight', 'bias', 'norm'] as const).map((role) => ({ name: `${group}/${role}`, group, role, variable: variable(tensor1d(start)) })));
    const gradients = new Map(parameters.map(({ name }) => [name, tensor1d(slopeOf(expected))]));
    const middle = epochs * 5;
    for (let step = 0; step < 2; step++) optimizer.step(parameters, gradients, standing(expected, middle));
    for (const { name, role, group, variable: w } of parameters) {
      const rate = expected.predictorRateIsFixed && group === 'predictor' ? expected.peak : rateAt(expected, middle);
      const [kept, moved] = [...w.dataSync()];
      const [expectedKept, expectedMoved] = twoSteps(expected, rate, role);
      expect(moved, name).toBeAllclose(expectedMoved!, { rtol: 1e-5 });
      // Beside 1, a float32 holds no more of a decay.
      expect(kept, name).toBeAllclose(expectedKept!, { rtol: 0, atol: 2e-7 });
    }
    dispose([parameters.map(({ variable: w }) => w), [...gradients.values()]]);
    optimizer.dispose();
  });

  it('builds the published heads and target', () => {
    const method = preset.method({ encoder: smallResNet({ width: 1 }), inputShape: [8, 8, 3], seed: 1 });
    const outputs = (of: string): number[] =>
      method.parameters().filter(({ group, role }) => group === of && role === 'weight').map(({ variable: w }) => w.shape.at(-1)!);
    expect(outputs('projector')).toEqual(expected.projector);
    expect(outputs('predictor')).toEqual(expected.predictor);
    expect(method.afterStep!(standing(expected, 0))).toEqual(expected.momentum === undefined ? {} : { momentum: expect.closeTo(expected.momentum, 9) });
    method.dispose();
  });
});
