// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { concat, memory, mul, profile, randomNormal, ready, setBackend, split, sum, tidy, variableGrads } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D, Tensor4D, Variable } from '@tensorflow/tfjs-core';
import { input, layers, model, sequential } from '@tensorflow/tfjs-layers';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchNorm, conv2d, linear, LayersError, trainingPass } from '@selfsup/layers';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const images = (seed: number): Tensor4D => randomNormal([6, 4, 4, 2], seed, 1 + seed, 'float32', seed);

/** A residual block and a head inside of a model inside of a model, with the normalisation of either kind. */
function network(normalize: () => layers.Layer): LayersModel {
  const image = input({ shape: [4, 4, 2] });
  const x = normalize().apply(conv2d({ filters: 3, kernelSize: 3, padding: 1, seed: 1 }).apply(image)) as SymbolicTensor;
  const y = conv2d({ filters: 3, kernelSize: 3, padding: 1, seed: 2 }).apply(x) as SymbolicTensor;
  const joined = batchNorm({ relu: true }).apply([y, x]) as SymbolicTensor;
  const pooled = layers.globalAveragePooling2d({}).apply(joined) as SymbolicTensor;
  const head = sequential({ layers: [layers.inputLayer({ inputShape: [3] }), linear({ inputs: 3, units: 4, seed: 3 }), batchNorm({ affine: false })] });
  return model({ inputs: image, outputs: head.apply(pooled) as SymbolicTensor });
}

interface Outcome {
  readonly outputs: number[];
  readonly gradients: number[][];
  readonly statistics: number[][];
  /** How often a convolution ran. */
  readonly convolutions: number;
}

async function outcome(net: LayersModel, pass: () => Tensor2D): Promise<Outcome> {
  const weights = randomNormal([12, 4], 0, 1, 'float32', 9);
  const trainable = net.trainableWeights.map((weight) => weight.read() as Variable);
  let z: number[] = [];
  const gradients: number[][] = [];
  const { kernels } = await profile(() => {
    const { grads } = variableGrads(() => {
      const out = pass();
      z = [...out.dataSync()];
      return sum(mul(out, weights)) as Scalar;
    }, trainable);
    for (const { name } of trainable) gradients.push([...grads[name]!.dataSync()]);
  });
  const statistics = net.nonTrainableWeights.map((weight) => [...weight.read().dataSync()]);
  return { outputs: z, gradients, statistics, convolutions: kernels.filter(({ name }) => name === 'Conv2D').length };
}

const near = (list: readonly number[]): unknown[] => list.map((value) => expect.closeTo(value, 4));

describe('trainingPass', () => {
  const views = [images(0), images(1)];
  const kinds = [
    { name: 'normalisation that knows of views: one pass', normalize: () => batchNorm(), passes: 1 },
    { name: "tfjs's normalisation: a pass for each", normalize: () => layers.batchNormalization(), passes: 2 },
  ];

  it.each(kinds)('gives what a pass for each view gives: $name', async ({ normalize, passes }) => {
    const [together, alone] = [network(normalize), network(normalize)];
    const expected = await outcome(alone, () => concat(views.map((view) => alone.apply(view, { training: true }) as Tensor2D)));
    const got = await outcome(together, () => trainingPass(together, concat(views), 2));
    expect(got.outputs).toEqual(near(expected.outputs));
    for (const [i, gradient] of expected.gradients.entries()) expect(got.gradients[i]).toEqual(near(gradient));
    for (const [i, statistic] of expected.statistics.entries()) expect(got.statistics[i]).toEqual(near(statistic));
    expect(expected.convolutions).toBe(4);
    expect(got.convolutions).toBe(2 * passes);
  });

  it('would differ if the views shared their statistics', async () => {
    const net = network(() => batchNorm());
    const apart = tidy(() => [...trainingPass(net, concat(views), 2).dataSync()]);
    const mixed = tidy(() => [...trainingPass(net, concat(views)).dataSync()]);
    expect(Math.max(...apart.map((value, i) => Math.abs(value - mixed[i]!)))).toBeGreaterThan(0.1);
  });

  it('says of views of a single image that they are too few', () => {
    const net = sequential({ layers: [layers.inputLayer({ inputShape: [3] }), batchNorm({ name: 'norm' })] });
    const two = randomNormal([2, 3]) as Tensor2D;
    expect(() => tidy(() => trainingPass(net, two, 2))).toThrow(LayersError);
    expect(() => tidy(() => trainingPass(net, two, 2))).toThrow('has 1 value per channel in [2, 3] of 2 views');
    tidy(() => trainingPass(net, two));
  });

  it.each([4, 0, 1.5, -2])('refuses a batch of 6 as %s views', (count) => {
    const net = sequential({ layers: [layers.inputLayer({ inputShape: [3] }), batchNorm()] });
    const batch = randomNormal([6, 3]) as Tensor2D;
    expect(() => tidy(() => trainingPass(net, batch, count))).toThrow(`[6, 3] as ${count} views`);
  });

  it('leaves no tensor behind', () => {
    const net = network(() => batchNorm());
    const both = concat(views);
    const before = memory().numTensors;
    tidy(() => void split(trainingPass(net, both, 2), 2));
    expect(memory().numTensors).toBe(before);
  });
});
