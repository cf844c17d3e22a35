import { add, concat, mul, split, tidy, variableGrads } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { smallResNet } from '@selfsup/backbones';
import { useWasmBackend } from '@selfsup/backend-wasm';
import { byolPredictor, byolProjector } from '@selfsup/heads';
import { trainingPass } from '@selfsup/layers';
import { negativeCosine, normalizedMse } from '@selfsup/losses';
import { sgd } from '@selfsup/optim';
import { byol } from '@selfsup/recipes/byol';
import { branch } from '@selfsup/recipes/siamese';
import type { Branch } from '@selfsup/recipes/siamese';
import { simsiam } from '@selfsup/recipes/simsiam';
import { detach, ema, fixedRandom, noStopGradient } from '@selfsup/targets';
import { lossAndGradients, train } from '@selfsup/train';
import type { Method } from '@selfsup/train';
import { noiseViews } from '@selfsup/testing';
import '@selfsup/testing/vitest';
import { beforeAll, expect, test } from 'vitest';

beforeAll(async () => {
  await useWasmBackend();
});

const inputShape = [8, 8, 1] as const;
const at = { step: 0, totalSteps: 4, epoch: 0, stepsPerEpoch: 4, batchSize: 6 };
const indices = Int32Array.from({ length: 6 }, (_, i) => i);
const views = noiseViews(['a', 'b'], [6, ...inputShape], 1);
const parts = { encoder: smallResNet({ width: 2 }), projector: byolProjector({ hidden: 8, out: 4 }), inputShape, seed: 5 };
const options = { ...parts, predictor: byolPredictor({ hidden: 8, out: 4 }) };

/** The parts of a method, built once more: what a method draws depends on the seed alone. */
function builtAgain(): { readonly online: Branch; readonly predict: (z: Tensor2D, passed: number) => Tensor2D; readonly variables: Variable[] } {
  const online = branch(parts);
  const predictor = options.predictor.build([4], parts.seed + 2);
  return {
    online,
    predict: (z, passed) => trainingPass(predictor, z, passed),
    variables: [...online.parameters, ...predictor.trainableWeights.map((weight) => weight.read() as Variable)],
  };
}

type PairLoss = (p: Tensor2D, z: Tensor2D) => Scalar;

type Projections = readonly [za: Tensor2D, zb: Tensor2D];

/** As a method passes them, so that not even rounding differs. */
const together = (forward: (x: Tensor4D, passed: number) => Tensor2D): Projections => split(forward(concat([views.a, views.b]), 2), 2) as [Tensor2D, Tensor2D];

/** As the papers have it. */
const eachAlone = (forward: (x: Tensor4D, passed: number) => Tensor2D): Projections => [forward(views.a, 1), forward(views.b, 1)];

/** Both directions of a pair loss by hand, with the online network of both views as the target, as a constant or not. */
function byHand(loss: PairLoss, factor: number, stop: boolean, pass = together): { readonly loss: number; readonly gradients: readonly (readonly number[])[] } {
  const { online, predict, variables } = builtAgain();
  const constant = stop ? detach : (z: Tensor2D): Tensor2D => z;
  const { value, grads } = variableGrads(() => {
    const [za, zb] = pass(online.project);
    const [pa, pb] = pass((images, passed) => predict(online.project(images, passed), passed));
    return mul<Scalar>(add(loss(pa, constant(zb)), loss(pb, constant(za))), factor);
  }, variables);
  return { loss: value.dataSync()[0]!, gradients: variables.map(({ name }) => [...grads[name]!.dataSync()]) };
}

function ofMethod(method: Method<'a' | 'b'>): ReturnType<typeof byHand> {
  const { loss, gradients } = lossAndGradients(method, views, at, indices);
  const ordered = method.parameters().map(({ name }) => [...gradients.get(name)!.dataSync()]);
  method.dispose();
  return { loss: loss.dataSync()[0]!, gradients: ordered };
}

function expectSame(actual: ReturnType<typeof byHand>, expected: ReturnType<typeof byHand>): void {
  expect(actual.loss).toBeAllclose(expected.loss, { rtol: 1e-6 });
  const largest = Math.max(...expected.gradients.flat().map(Math.abs));
  expect(largest).toBeGreaterThan(1e-3);
  expect(actual.gradients).toBeAllclose(expected.gradients, { rtol: 1e-4, atol: 1e-5 * largest });
}

test('BYOL sums the two directions, each view predicting the target of the other', () => {
  expectSame(ofMethod(byol(options)), byHand(normalizedMse, 1, true));
});

test('SimSiam averages the two directions, and its gradient takes the other view for a constant', () => {
  expectSame(ofMethod(simsiam(options)), byHand(negativeCosine, 0.5, true));
  const flowing = byHand(negativeCosine, 0.5, false);
  expectSame(ofMethod(simsiam({ ...options, target: noStopGradient() })), flowing);
  expect(flowing.gradients).not.toBeAllclose(byHand(negativeCosine, 0.5, true).gradients, { rtol: 1e-2, atol: 1e-4 });
});

test('both views pass together, and every batch normalisation takes each for itself', () => {
  const alone = byHand(negativeCosine, 0.5, true, eachAlone);
  const method = ofMethod(simsiam(options));
  expect(method.loss).toBeAllclose(alone.loss, { atol: 2e-6 });
  const largest = Math.max(...alone.gradients.flat().map(Math.abs));
  expect(method.gradients).toBeAllclose(alone.gradients, { rtol: 1e-3, atol: 1e-4 * largest });
});

test('without predictor the projections themselves are compared', () => {
  const method = simsiam({ ...options, predictor: null });
  const { online } = builtAgain();
  const expected = tidy(() => {
    const [za, zb] = together(online.project);
    return mul(add(negativeCosine(za, zb), negativeCosine(zb, za)), 0.5).dataSync()[0]!;
  });
  expect(tidy(() => method.loss(views, at, indices).loss.dataSync()[0]!)).toBeAllclose(expected, { rtol: 1e-6 });
  expect(method.parameters().some(({ group }) => group === 'predictor')).toBe(false);
});

/** The values of the target's variables, and of the online ones that they belong to. */
function targetAndOnline(method: Method<'a' | 'b'>, count: number): { readonly target: number[][]; readonly online: number[][] } {
  const values = (variables: readonly Variable[]): number[][] => variables.map((variable) => [...variable.dataSync()]);
  const target = method.state().filter(({ name }) => name.startsWith('target/')).map(({ variable }) => variable);
  const online = method.parameters().filter(({ group }) => group !== 'predictor').map(({ variable }) => variable);
  return { target: values(target.slice(0, count)), online: values(online) };
}

const batches = {
  stepsPerEpoch: 3,
  batchSize: 6,
  epoch: async function* () {
    for (let step = 0; step < 3; step++) {
      const shape: [number, number, number, number] = [6, 8, 8, 1];
      const noise = noiseViews(['a', 'b'], shape, step + 10);
      const view = (tensor: Tensor4D): { data: Float32Array; shape: typeof shape } => ({ data: tensor.dataSync() as Float32Array, shape });
      yield { views: { a: view(noise.a), b: view(noise.b) }, indices };
    }
  },
};

test('the target of BYOL takes one step of its average after each step of the optimizer', async () => {
  const tau = 0.75;
  const method = byol({ ...options, target: ema({ momentum: tau }) });
  const count = builtAgain().online.parameters.length;
  let expected = targetAndOnline(method, count).target;
  await train({
    method,
    batches,
    optimizer: sgd({ learningRate: 0.1 }),
    epochs: 1,
    onStep: ({ at: { step } }) => {
      const { target: moved, online: learned } = targetAndOnline(method, count);
      expected = expected.map((values, i) => values.map((value, j) => tau * value + (1 - tau) * learned[i]![j]!));
      expect(moved, `after step ${step}`).toBeAllclose(expected, { rtol: 1e-5, atol: 1e-6 });
      expect(learned).not.toBeAllclose(expected, { rtol: 1e-3 });
    },
  });
  method.dispose();
});

test('the target of BYOL keeps running statistics of its own batches, which its average leaves alone', () => {
  const method = byol(options);
  const count = builtAgain().online.parameters.length;
  const of = (owner: string): number[][] =>
    method.state().filter(({ name }) => name.startsWith(owner)).map(({ variable }) => [...variable.dataSync()]);
  const target = (): number[][] => of('target/').slice(count);
  const online = (): number[][] => of('online/').slice(0, target().length);
  const start = target();
  expect(start).toEqual(online());
  for (const { variable } of method.parameters()) variable.assign(tidy(() => mul(variable, 1.5)));
  tidy(() => void method.loss(views, at, indices));
  const seen = target();
  expect(seen).not.toEqual(start);
  // It saw the same images as the online network, through weights that were not multiplied.
  expect(seen).not.toEqual(online());
  method.afterStep?.(at);
  expect(target()).toEqual(seen);
  method.dispose();
});

test('the default target of BYOL is the moving average of the paper, and a fixed random target never moves', async () => {
  const momenta: (number | undefined)[] = [];
  for (const target of [undefined, fixedRandom()]) {
    const method = byol({ ...options, ...(target ? { target } : {}) });
    const count = builtAgain().online.parameters.length;
    const before = targetAndOnline(method, count).target;
    await train({
      method,
      batches,
      optimizer: sgd({ learningRate: 0.1 }),
      epochs: 1,
      onStep: ({ metrics }) => void momenta.push(metrics['momentum']),
    });
    const after = targetAndOnline(method, count).target;
    if (target) expect(after).toEqual(before);
    else expect(after).not.toEqual(before);
    method.dispose();
  }
  const schedule = [0, 1, 2].map((step) => 1 - 0.004 * 0.5 * (1 + Math.cos((Math.PI * step) / 3)));
  expect(momenta.slice(0, 3)).toEqual(schedule.map((value) => expect.closeTo(value, 9)));
  expect(momenta.slice(3)).toEqual([undefined, undefined, undefined]);
});

test('a fixed random target is drawn apart from the online network', () => {
  const method = byol({ ...options, target: fixedRandom() });
  const { target, online } = targetAndOnline(method, builtAgain().online.parameters.length);
  // Biases and the scales of BN start at one number everywhere.
  const drawn = target.flatMap((values, i) => (new Set(values).size > 1 ? [[values, online[i]!] as const] : []));
  expect(drawn.length).toBeGreaterThan(5);
  for (const [values, others] of drawn) expect(values).not.toEqual(others);
  method.dispose();
});

test('what the methods report of their spread is that of the projections', () => {
  const method = simsiam(options);
  const std = tidy(() => method.loss(views, at, indices).metrics!['std']!.dataSync()[0]!);
  const { online } = builtAgain();
  const z = [...online.project(views.a, 1).dataSync()];
  const rows = Array.from({ length: 6 }, (_, i) => z.slice(4 * i, 4 * i + 4)).map((row) => row.map((value) => value / Math.hypot(...row)));
  const deviations = [0, 1, 2, 3].map((column) => {
    const values = rows.map((row) => row[column]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / 6;
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 6);
  });
  expect(std).toBeAllclose((Math.sqrt(4) * deviations.reduce((sum, value) => sum + value, 0)) / 4, { rtol: 1e-5 });
  method.dispose();
});
