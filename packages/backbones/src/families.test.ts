// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { io, memory, randomNormal, ready, setBackend, sum, tidy, variableGrads } from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { NetSpec } from '@selfsup/layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { BackbonesError, convNextTiny, mobileNetV2, resnet18, resnet50, visionTransformer, vitTiny, wideResNet, wideResNet50x2 } from '@selfsup/backbones';
import type { FeatureOptions, VitOptions } from '@selfsup/backbones';

// What all networks have in common, on narrow ones.

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const values = (t: Tensor): number[] => [...t.dataSync()];
const weightsOf = (net: LayersModel): number[] => net.weights.flatMap((weight) => values(weight.read()));
const images = (size: number, batch = 3): Tensor => randomNormal([batch, size, size, 3], 0, 1, 'float32', 1);
const smallVit = (options: VitOptions = {}): NetSpec => visionTransformer({ dim: 16, depth: 3, heads: 2, patch: 8, ...options });

const convolutional: [name: string, make: (options?: FeatureOptions) => NetSpec, maps: Record<number, number[]>][] = [
  ['resnet18', (options) => resnet18({ width: 1 / 16, ...options }), { 4: [1, 1, 32], 2: [4, 4, 8] }],
  ['resnet50', (options) => resnet50({ width: 1 / 32, stem: 'cifar', ...options }), { 4: [4, 4, 64], 1: [32, 32, 8] }],
  ['wide_resnet50_2', (options) => wideResNet50x2({ width: 1 / 32, ...options }), { 4: [1, 1, 64], 3: [2, 2, 32] }],
  ['wrn', (options) => wideResNet({ depth: 10, width: 1, ...options }), { 3: [8, 8, 64], 2: [16, 16, 32] }],
  ['convnext_tiny', (options) => convNextTiny({ width: 1 / 24, ...options }), { 4: [1, 1, 32], 1: [8, 8, 4] }],
  ['mobilenet_v2', (options) => mobileNetV2({ width: 0.1, ...options }), { 7: [1, 1, 32], 3: [4, 4, 8] }],
];

/** Those without a strided stem would keep 32 pixels for long. */
const pixels: Readonly<Record<string, number>> = { resnet50: 8, wrn: 8 };

async function saveAndLoad(net: LayersModel): Promise<LayersModel> {
  const saved = await new Promise<io.ModelArtifacts>((resolve, reject) => {
    const handler = io.withSaveHandler(async (artifacts) => {
      resolve(artifacts);
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    });
    net.save(handler).catch(reject);
  });
  return await loadLayersModel(io.fromMemory({ ...saved, modelTopology: JSON.parse(JSON.stringify(saved.modelTopology)) as object }));
}

function failure(f: () => unknown): BackbonesError {
  try {
    f();
  } catch (error) {
    if (error instanceof BackbonesError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe.each(convolutional)('%s', (network, make, maps) => {
  it('answers the map of its last stage, or of the stage that is asked for, and the mean of it', () => {
    const stages = Object.keys(maps).map(Number);
    for (const outputStage of stages) {
      const map = make({ output: 'map', outputStage }).build([32, 32, 3], 1);
      const pooled = make({ outputStage }).build([32, 32, 3], 1);
      expect(map.outputs[0]!.shape).toEqual([null, ...maps[outputStage]!]);
      expect(pooled.outputs[0]!.shape).toEqual([null, maps[outputStage]!.at(-1)]);
      map.dispose();
      pooled.dispose();
    }
    expect(make({ output: 'map', outputStage: stages[0]! }).name).toMatch(/-stage\d-map$/);
    expect(failure(() => make({ outputStage: 9 })).message).toContain('outputStage is 9; it takes a whole number from 1 to');
    expect(failure(() => make({ output: 'pool' as 'map' })).message).toContain("'pooled' or 'map'");
  });

  it('drops branches in training alone, by the seed, and never those of its first block', () => {
    const size = pixels[network] ?? 32;
    const x = images(size, 2);
    const dropping = make({ dropPath: 0.9 });
    const [net, again, plain] = [dropping, dropping, make()].map((spec) => spec.build([size, size, 3], 1)) as [LayersModel, LayersModel, LayersModel];
    const names = (each: LayersModel): string[] => each.trainableWeights.map(({ originalName }) => originalName).toSorted();
    expect(names(net)).toEqual(names(plain));
    expect(values(net.apply(x) as Tensor)).toEqual(values(plain.apply(x) as Tensor));
    const dropped = values(net.apply(x, { training: true }) as Tensor);
    expect(dropped).toEqual(values(again.apply(x, { training: true }) as Tensor));
    expect(dropped).not.toEqual(values(plain.apply(x, { training: true }) as Tensor));
    expect(net.layers.some(({ name }) => name.includes('.0.stochastic_depth') && /^(layer1|features\.1|block1)\./.test(name))).toBe(false);
    expect(failure(() => make({ dropPath: 1 })).code).toBe('invalid-option');
    for (const each of [net, again, plain]) each.dispose();
  });
});

const everyNetwork: [string, NetSpec, number][] = [
  ...convolutional.map(([name, make]): [string, NetSpec, number] => [name, make({ dropPath: 0.1 }), pixels[name] ?? 32]),
  ['vit', smallVit({ dropPath: 0.1 }), 32],
  ['vit with sines', smallVit({ classToken: false, positions: 'sin-cos', positionGrid: 7, output: 'tokens' }), 32],
];

describe.each(everyNetwork)('%s', (_, spec, size) => {
  it('takes any number of channels, draws every weight from the seed, none twice', () => {
    const [first, again, other] = [spec.build([size, size, 4], 0), spec.build([size, size, 4], 0), spec.build([size, size, 4], 1)];
    expect(weightsOf(again)).toEqual(weightsOf(first));
    expect(weightsOf(other)).not.toEqual(weightsOf(first));
    const starts = first.weights.filter(({ originalName }) => originalName.endsWith('kernel')).map((weight) => values(weight.read())[0]);
    expect(new Set(starts).size).toBe(starts.length);
    for (const each of [first, again, other]) each.dispose();
  });

  it('comes back from disk with the same answers, in training too', async () => {
    const net = spec.build([size, size, 3], 7);
    const x = images(size);
    net.apply(x, { training: true });
    const back = await saveAndLoad(net);
    expect(values(back.apply(x) as Tensor)).toEqual(values(net.apply(x) as Tensor));
    expect(values(back.apply(x, { training: true }) as Tensor)).toEqual(values(net.apply(x, { training: true }) as Tensor));
    expect(back.layers.map(({ name }) => name)).toEqual(net.layers.map(({ name }) => name));
    net.dispose();
    back.dispose();
  });

  it('gives every trainable weight a gradient, and leaves nothing behind', () => {
    const net = spec.build([size, size, 3], 7);
    const x = images(size);
    const step = (): string[] =>
      tidy(() => {
        const { grads } = variableGrads(() => sum(net.apply(x, { training: true }) as Tensor) as Scalar);
        return net.trainableWeights.map(({ name }) => name).filter((name) => grads[name] === undefined);
      });
    expect(step()).toEqual([]);
    const before = memory().numTensors;
    step();
    expect(memory().numTensors).toBe(before);
    net.dispose();
  });

  it('refuses what is no image', () => {
    expect(failure(() => spec.build([512], 1)).message).toContain('was given [512]; it takes [height, width, channels]');
  });
});

describe('visionTransformer', () => {
  it('answers its class token, the mean of its patches, or all tokens', () => {
    const x = images(32);
    const read = (options: VitOptions): { shape: readonly (number | null)[]; y: number[] } => {
      const net = smallVit(options).build([32, 32, 3], 1);
      const y = values(net.apply(x) as Tensor);
      const { shape } = net.outputs[0]!;
      net.dispose();
      return { shape, y };
    };
    const [token, mean, all] = [read({}), read({ pooling: 'mean' }), read({ output: 'tokens' })];
    expect([token.shape, mean.shape, all.shape]).toEqual([[null, 16], [null, 16], [null, 17, 16]]);
    expect(all.y.slice(0, 16)).toEqual(token.y.slice(0, 16));
    const patches = all.y.slice(16, 17 * 16);
    for (let i = 0; i < 16; i++) {
      const expected = patches.filter((_, place) => place % 16 === i).reduce((a, b) => a + b) / 16;
      expect(mean.y[i]).toBeCloseTo(expected, 5);
    }
    expect(read({ classToken: false }).shape).toEqual([null, 16]);
    expect(read({ classToken: false, output: 'tokens' }).shape).toEqual([null, 16, 16]);
  });

  it('takes images of another size than it was built for, of any aspect, with interpolated positions', () => {
    const net = smallVit({ output: 'tokens' }).build([32, 32, 3], 1);
    expect((net.apply(images(48)) as Tensor).shape).toEqual([3, 37, 16]);
    expect((net.apply(randomNormal([1, 24, 56, 3], 0, 1, 'float32', 1)) as Tensor).shape).toEqual([1, 22, 16]);
    net.dispose();
  });

  it('holds the positions of another grid, for weights from other images', () => {
    const [small, large] = [smallVit({ positionGrid: 6 }).build([32, 32, 3], 1), smallVit().build([48, 48, 3], 1)];
    expect(small.weights.map(({ shape }) => shape)).toEqual(large.weights.map(({ shape }) => shape));
    small.setWeights(large.getWeights());
    const x = images(32);
    expect(values(small.apply(x) as Tensor)).toEqual(values(large.apply(x) as Tensor));
    small.dispose();
    large.dispose();
  });

  it('ends after a block when asked, with the last normalisation', () => {
    const net = smallVit({ outputStage: 2 }).build([32, 32, 3], 1);
    expect(net.layers.filter(({ name }) => name.endsWith('.ln_1'))).toHaveLength(2);
    expect(net.getLayer('encoder.ln')).toBeDefined();
    expect(net.name).toContain('-stage2');
    net.dispose();
  });

  it('does not learn its sines and cosines', () => {
    const net = smallVit({ positions: 'sin-cos' }).build([32, 32, 3], 1);
    expect(net.nonTrainableWeights.map(({ originalName }) => originalName)).toEqual(['encoder.pos_embedding/positions']);
    net.dispose();
  });

  it('says what it was given and what it takes', () => {
    expect(failure(() => visionTransformer({ dim: 10, depth: 1, heads: 3 })).message).toContain('3 heads do not divide a dim of 10');
    expect(failure(() => smallVit({ classToken: false, pooling: 'class-token' })).message).toContain("pooling 'mean'");
    expect(failure(() => vitTiny({ positions: 'sincos' as 'sin-cos' })).message).toContain("vit_ti: positions is sincos; it takes 'learned' or 'sin-cos'");
    expect(failure(() => vitTiny({ dim: 3 } as object)).message).toContain('there is no option dim');
    expect(failure(() => vitTiny().build([28, 28, 1], 1)).message).toContain('patches of 16 pixels must divide');
    expect(failure(() => wideResNet({ depth: 27 })).message).toContain('6·n + 4');
  });
});
