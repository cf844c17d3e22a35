// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { dispose, grads, io, memory, mul, profile, randomNormal, ready, setBackend, sum, tensor, tidy, variableGrads } from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { input, layers, loadLayersModel, model } from '@tensorflow/tfjs-layers';
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchNorm, LayersError } from '@selfsup/layers';
import type { BatchNormOptions } from '@selfsup/layers';
import { batchNormTrain } from './batch-norm-train.ts';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

interface Case {
  readonly shape: readonly number[];
  readonly relu: boolean;
  readonly residual: boolean;
  readonly affine: boolean;
}

const cases: Case[] = [[7, 3], [3, 2, 4, 3]].flatMap((shape) =>
  [false, true].flatMap((relu) =>
    [false, true].flatMap((residual) => [false, true].map((affine) => ({ shape, relu, residual, affine }))),
  ),
);

/** The definition, in float64 and one channel at a time: what the layer is checked against. */
function reference(x: number[], channels: number, gamma: number[], beta: number[], residual: number[] | undefined, relu: boolean): number[] {
  const y = Array.from(x, () => 0);
  for (let c = 0; c < channels; c++) {
    const own = x.filter((_, i) => i % channels === c);
    const mean = own.reduce((a, b) => a + b) / own.length;
    const variance = own.reduce((a, b) => a + (b - mean) ** 2, 0) / own.length;
    for (let i = c; i < x.length; i += channels) {
      const value = (gamma[c]! * (x[i]! - mean)) / Math.sqrt(variance + 1e-5) + beta[c]! + (residual?.[i] ?? 0);
      y[i] = relu ? Math.max(0, value) : value;
    }
  }
  return y;
}

const draw = (size: readonly number[], seed: number, mean = 0): Tensor => randomNormal([...size], mean, 1.5, 'float32', seed);
const values = (t: Tensor): number[] => [...t.dataSync()];
const largestGap = (a: readonly number[], b: readonly number[]): number => {
  expect(a.length).toBe(b.length);
  return a.reduce((gap, value, i) => Math.max(gap, Math.abs(value - b[i]!)), 0);
};

describe('batchNormTrain', () => {
  it.each(cases)('$shape relu=$relu residual=$residual affine=$affine: value and gradients', ({ shape, relu, residual, affine }) => {
    const channels = 3;
    const operands = [
      draw(shape, 1, 2),
      ...(affine ? [draw([channels], 2, 1), draw([channels], 3)] : []),
      ...(residual ? [draw(shape, 4)] : []),
    ];
    const weights = draw(shape, 5);
    const run = (...given: Tensor[]): Tensor =>
      batchNormTrain({
        x: given[0]!,
        epsilon: 1e-5,
        relu,
        ...(affine ? { affine: { gamma: given[1] as Tensor1D, beta: given[2] as Tensor1D } } : {}),
        ...(residual ? { residual: given.at(-1)! } : {}),
        onStatistics: () => {},
      });
    const flat = operands.map(values);
    const define = (given: number[][]): number[] =>
      reference(
        given[0]!,
        channels,
        affine ? given[1]! : [1, 1, 1],
        affine ? given[2]! : [0, 0, 0],
        residual ? given.at(-1) : undefined,
        relu,
      );
    expect(largestGap(values(run(...operands)), define(flat))).toBeLessThan(1e-5);

    const w = values(weights);
    const objective = (given: number[][]): number => define(given).reduce((total, y, i) => total + y * w[i]!, 0);
    const analytic = grads((...given: Tensor[]) => sum(mul(run(...given), weights)))(operands);
    for (const [which, gradient] of analytic.entries()) {
      const numeric = flat[which]!.map((_, i) => {
        const moved = (by: number): number[][] => flat.map((list, j) => (j === which ? list.map((v, k) => (k === i ? v + by : v)) : list));
        return (objective(moved(1e-6)) - objective(moved(-1e-6))) / 2e-6;
      });
      expect(largestGap(values(gradient), numeric)).toBeLessThan(2e-4);
    }
  });

  it('gives the statistics of the batch, and leaves no tensor behind', () => {
    const x = tensor([[1, 10], [3, 30], [5, 50]]);
    const seen: number[][] = [];
    const before = memory().numTensors;
    tidy(() => {
      batchNormTrain({
        x,
        epsilon: 1e-5,
        relu: false,
        onStatistics: ({ mean, variance }) => seen.push(values(mean), values(variance)),
      });
    });
    expect(memory().numTensors).toBe(before);
    expect(seen[0]).toEqual([3, 30]);
    expect(largestGap(seen[1]!, [8 / 3, 800 / 3])).toBeLessThan(1e-4);
  });
});

const withLayer = (options: BatchNormOptions, shape: number[], residual = false): ReturnType<typeof model> => {
  const x = input({ shape });
  const r = input({ shape });
  const y = batchNorm(options).apply(residual ? [x, r] : x) as SymbolicTensor;
  return model({ inputs: residual ? [x, r] : x, outputs: y });
};

function failure(f: () => unknown): LayersError {
  try {
    f();
  } catch (error) {
    if (error instanceof LayersError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

async function saveAndLoad(net: LayersModel): Promise<LayersModel> {
  const saved = await new Promise<io.ModelArtifacts>((resolve, reject) => {
    const handler = io.withSaveHandler(async (artifacts) => {
      resolve(artifacts);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    });
    net.save(handler).catch(reject);
  });
  return await loadLayersModel(io.fromMemory(saved));
}

describe('batchNorm', () => {
  it('moves the running statistics once per training call, with the unbiased variance, and not otherwise', () => {
    const net = withLayer({ name: 'running', momentum: 0.75 }, [2]);
    const x = tensor([[1, 10], [3, 30], [5, 50]]);
    const running = (): number[][] => net.nonTrainableWeights.map((weight) => values(weight.read()));
    net.apply(x);
    expect(running()).toEqual([[0, 0], [1, 1]]);
    net.apply(x, { training: true });
    expect(largestGap(running().flat(), [0.75, 7.5, 0.75 + 0.25 * 4, 0.75 + 0.25 * 400])).toBeLessThan(1e-4);
    net.apply(x, { training: true });
    expect(largestGap(running()[0]!, [0.75 * 0.75 + 0.75, 0.75 * 7.5 + 7.5])).toBeLessThan(1e-4);
    net.dispose();
  });

  it('keeps nine tenths of the running statistics unless told otherwise, as PyTorch does', () => {
    const net = withLayer({}, [1]);
    net.apply(tensor([[10], [30]]), { training: true });
    expect(net.nonTrainableWeights.map((weight) => values(weight.read())[0])).toEqual([expect.closeTo(2, 5), expect.closeTo(0.9 + 0.1 * 200, 4)]);
    net.dispose();
  });

  it.each(cases)('$shape relu=$relu residual=$residual affine=$affine: inference uses the running statistics, and is differentiable', ({ shape, relu, residual, affine }) => {
    const net = withLayer({ relu, affine }, shape.slice(1), residual);
    const [mean, variance, gamma, beta] = [[0.5, -1, 2], [0.2, 1, 4], [1.5, -0.5, 1], [0.1, 0.2, -0.3]] as [number[], number[], number[], number[]];
    net.setWeights([...(affine ? [tensor(gamma), tensor(beta)] : []), tensor(mean), tensor(variance)]);
    const x = randomNormal([...shape], 0, 1, 'float32', 1);
    const r = randomNormal([...shape], 0, 1, 'float32', 2);
    const expected = values(x).map((value, i) => {
      const c = i % 3;
      const y = ((affine ? gamma[c]! : 1) * (value - mean[c]!)) / Math.sqrt(variance[c]! + 1e-5) + (affine ? beta[c]! : 0) + (residual ? values(r)[i]! : 0);
      return relu ? Math.max(0, y) : y;
    });
    expect(largestGap(values(net.apply(residual ? [x, r] : x) as Tensor), expected)).toBeLessThan(1e-4);

    const [gradient] = grads((...given: Tensor[]) => sum(net.apply(residual ? given : given[0]!) as Tensor))(residual ? [x, r] : [x]);
    const slopes = expected.map((y, i) => (relu && y <= 0 ? 0 : (affine ? gamma[i % 3]! : 1) / Math.sqrt(variance[i % 3]! + 1e-5)));
    expect(largestGap(values(gradient!), slopes)).toBeLessThan(1e-4);
    net.dispose();
  });

  it('touches the images with five kernels where there is no fused one', async () => {
    const net = withLayer({ relu: true }, [4, 4, 3]);
    const x = randomNormal([2, 4, 4, 3], 0, 1, 'float32', 1);
    const { kernels } = await profile(() => net.apply(x, { training: true }) as Tensor);
    const onImages = kernels.filter(({ name, outputShapes }) => name !== 'unnamed scope' && outputShapes.some((shape) => shape.length === 4));
    // centre, square, scale, shift, relu; the unnamed scope is the custom gradient around them
    expect(onImages.map(({ name }) => name)).toEqual(['Sub', 'Square', 'Multiply', 'Add', 'Relu']);
    net.dispose();
  });

  it('leaves no tensor behind after a training step, nor after dispose', () => {
    const before = memory();
    const net = withLayer({ relu: true }, [4, 4, 3]);
    const x = randomNormal([2, 4, 4, 3], 0, 1, 'float32', 1);
    const step = (): void => {
      const { value, grads: gradients } = variableGrads(() => sum(net.apply(x, { training: true }) as Tensor));
      dispose([value, gradients]);
    };
    step();
    const between = memory().numTensors;
    step();
    expect(memory().numTensors).toBe(between);
    net.dispose();
    x.dispose();
    expect(memory().numTensors).toBe(before.numTensors);
    expect(memory().numBytes).toBe(before.numBytes);
  });

  it('comes back from disk with the same answers', async () => {
    const image = input({ shape: [4, 4, 3], name: 'image' });
    const normed = batchNorm({ name: 'layer1.0.bn1', relu: true, momentum: 0.8, epsilon: 1e-3, initialGamma: 0.5 }).apply(image) as SymbolicTensor;
    const sumOfBoth = batchNorm({ name: 'layer1.0.bn2', affine: false }).apply([normed, image]) as SymbolicTensor;
    const net = model({ inputs: image, outputs: sumOfBoth });
    const x = randomNormal([5, 4, 4, 3], 1, 2, 'float32', 1);
    net.apply(x, { training: true });
    const back = await saveAndLoad(net);
    expect(back.layers.map((layer) => layer.getConfig())).toEqual(net.layers.map((layer) => layer.getConfig()));
    expect(values(back.apply(x) as Tensor)).toEqual(values(net.apply(x) as Tensor));
    expect(values(back.apply(x, { training: true }) as Tensor)).toEqual(values(net.apply(x, { training: true }) as Tensor));
    net.dispose();
    back.dispose();
  });

  it('agrees with the class-name convention by which optimizers find normalisation layers', () => {
    expect(batchNorm().getClassName()).toContain('Norm');
  });

  it('refuses what it cannot normalise, saying what was given', () => {
    const net = withLayer({ name: 'alone' }, [3]);
    const batchOfOne = failure(() => net.apply(tensor([[1, 2, 3]]), { training: true }));
    expect(batchOfOne.code).toBe('batch-too-small');
    expect(batchOfOne.message).toContain('[1, 3]');
    expect(values(net.apply(tensor([[1, 2, 3]])) as Tensor)).toHaveLength(3);
    expect(failure(() => withLayer({}, [4, 3])).code).toBe('shape-mismatch');
    expect(failure(() => batchNorm({ momentum: 1 })).code).toBe('invalid-option');
    expect(failure(() => batchNorm().apply([input({ shape: [3] }), input({ shape: [1] })])).code).toBe('shape-mismatch');
    expect(layers.dense({ units: 1 }).getClassName()).not.toContain('Norm');
    net.dispose();
  });
});
