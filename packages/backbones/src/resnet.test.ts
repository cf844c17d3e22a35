// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { abs, io, max, mean, memory, randomNormal, ready, reshape, setBackend, slice, sub } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { BackbonesError, resnet18, resnet200, resnet50, smallResNet } from '@selfsup/backbones';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const values = (t: Tensor): number[] => [...t.dataSync()];
const weightsOf = (net: LayersModel): number[] => net.weights.flatMap((weight) => values(weight.read()));
const trainable = (net: LayersModel): number =>
  net.trainableWeights.reduce((total, { shape }) => total + shape.reduce<number>((a, b) => a * b!, 1), 0);
/** Trainable weights of a basic block. */
const basic = (into: number, out: number): number => 9 * into * out + 9 * out * out + 4 * out + (into === out ? 0 : into * out + 2 * out);
const outputOf = (net: LayersModel, layer: string): unknown => net.getLayer(layer).outputShape;

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

function failure(f: () => unknown): BackbonesError {
  try {
    f();
  } catch (error) {
    if (error instanceof BackbonesError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('resnet', () => {
  it('multiplies every channel by the width', () => {
    const net = resnet18({ width: 0.25, stem: 'cifar' }).build([32, 32, 1], 1);
    const widths = [16, 32, 64, 128];
    const expected = widths.reduce((total, out, i) => total + basic(widths[i - 1] ?? 16, out) + basic(out, out), 9 * 16 + 32);
    expect(trainable(net)).toBe(expected);
    expect(outputOf(net, 'conv1')).toEqual([null, 32, 32, 16]);
    net.dispose();
  });

  it('has 24 and 36 bottlenecks in the middle of ResNet-200, at any width', () => {
    const net = resnet200({ width: 2 / 64, stem: 'cifar' }).build([32, 32, 3], 1);
    const blocks = net.layers.filter(({ name }) => name.endsWith('.conv3')).map(({ name }) => name.slice(0, 6));
    expect(['layer1', 'layer2', 'layer3', 'layer4'].map((stage) => blocks.filter((name) => name === stage).length)).toEqual([3, 24, 36, 3]);
    expect(resnet200({ width: 2 }).name).toBe('resnet200x2');
    net.dispose();
  });

  it('keeps small images large with the CIFAR stem, and halves them as torchvision does otherwise', () => {
    const cifar = resnet18({ stem: 'cifar', width: 1 / 16 }).build([32, 32, 3], 1);
    expect(['bn1', 'layer1.1.bn2', 'layer2.1.bn2', 'layer4.1.bn2'].map((layer) => outputOf(cifar, layer))).toEqual([
      [null, 32, 32, 4],
      [null, 32, 32, 4],
      [null, 16, 16, 8],
      [null, 4, 4, 32],
    ]);
    const imagenet = resnet18({ width: 1 / 16 }).build([225, 224, 3], 1);
    expect(['bn1', 'maxpool', 'layer1.1.bn2', 'layer4.1.bn2'].map((layer) => outputOf(imagenet, layer))).toEqual([
      [null, 113, 112, 4],
      [null, 57, 56, 4],
      [null, 57, 56, 4],
      [null, 8, 7, 32],
    ]);
    cifar.dispose();
    imagenet.dispose();
  });

  it('draws every weight from the seed, none twice', () => {
    const spec = resnet18({ stem: 'cifar', width: 1 / 16 });
    const [first, again, other] = [spec.build([16, 16, 3], 0), spec.build([16, 16, 3], 0), spec.build([16, 16, 3], 1)];
    expect(weightsOf(again)).toEqual(weightsOf(first));
    expect(weightsOf(other)).not.toEqual(weightsOf(first));
    const firstValues = first.weights.filter(({ originalName }) => originalName.endsWith('kernel')).map((weight) => values(weight.read())[0]);
    expect(new Set(firstValues).size).toBe(firstValues.length);
    for (const net of [first, again, other]) net.dispose();
  });

  it('starts each block as the identity with zeroInitResidual', () => {
    const net = resnet50({ stem: 'cifar', width: 1 / 16, zeroInitResidual: true }).build([8, 8, 3], 1);
    const gammas = net.weights.filter(({ originalName }) => originalName.endsWith('gamma'));
    const zero = gammas.filter((weight) => values(weight.read()).every((value) => value === 0)).map(({ originalName }) => originalName);
    expect(zero).toEqual(net.layers.filter(({ name }) => name.endsWith('.bn3')).map(({ name }) => `${name}/gamma`));
    net.dispose();
  });

  it('comes back from disk with the same features', async () => {
    const net = resnet18({ stem: 'imagenet', width: 1 / 16 }).build([32, 32, 3], 7);
    const images = randomNormal([3, 32, 32, 3], 0, 1, 'float32', 1);
    net.apply(images, { training: true });
    const back = await saveAndLoad(net);
    expect(values(back.apply(images) as Tensor)).toEqual(values(net.apply(images) as Tensor));
    expect(back.layers.map(({ name }) => name)).toEqual(net.layers.map(({ name }) => name));
    net.dispose();
    back.dispose();
  });

  it('says what it was given and what it takes', () => {
    const tiny = failure(() => resnet18().build([28, 28, 1], 1));
    expect(tiny.code).toBe('shape-mismatch');
    expect(tiny.message).toContain('[28, 28, 1]');
    expect(tiny.message).toContain('32×32');
    expect(tiny.message).toContain("stem: 'cifar'");
    expect(failure(() => resnet18().build([512], 1)).code).toBe('shape-mismatch');
    expect(failure(() => resnet18({ width: 0.3 })).code).toBe('invalid-option');
    expect(failure(() => resnet18({ stem: 'tiny' as 'cifar' })).message).toContain('tiny');
    expect(failure(() => resnet18({ stems: 'cifar' } as object)).message).toContain('stems');
  });
});

describe('smallResNet', () => {
  it('is a stem and three stages of one basic block', () => {
    const before = memory().numTensors;
    const net = smallResNet().build([28, 28, 1], 1);
    expect(net.outputs[0]!.shape).toEqual([null, 64]);
    expect(['bn1', 'layer1.0.bn2', 'layer2.0.bn2', 'layer3.0.bn2'].map((layer) => outputOf(net, layer))).toEqual([
      [null, 28, 28, 16],
      [null, 28, 28, 16],
      [null, 14, 14, 32],
      [null, 7, 7, 64],
    ]);
    expect(net.layers.some(({ name }) => name === 'layer1.0.downsample.0')).toBe(false);
    net.dispose();
    expect(memory().numTensors).toBe(before);
  });

  it("starts with He's weights, or with torch's default, U(±1/√fan-in)", () => {
    const largest = (net: LayersModel, layer: string): number => Math.max(...net.getLayer(layer).getWeights()[0]!.dataSync().map(Math.abs));
    const [torch, he] = [smallResNet({ init: 'torch' }).build([8, 8, 3], 1), smallResNet().build([8, 8, 3], 1)];
    for (const [layer, fanIn] of [['conv1', 27], ['layer2.0.conv2', 288], ['layer3.0.downsample.0', 32]] as const) {
      expect(largest(torch, layer)).toBeLessThanOrEqual(1 / Math.sqrt(fanIn));
      expect(largest(torch, layer)).toBeGreaterThan(0.95 / Math.sqrt(fanIn));
    }
    expect(largest(he, 'layer2.0.conv2')).toBeGreaterThan(3 * Math.sqrt(2 / 288));
    expect(failure(() => smallResNet({ init: 'zeros' as 'he' })).message).toContain("'he' or 'torch'");
    torch.dispose();
    he.dispose();
  });

  it('has the number of weights that the README states', () => {
    const net = smallResNet().build([32, 32, 3], 1);
    expect(trainable(net)).toBe(77_392);
    net.dispose();
  });

  it('grows by width, stages and blocks', () => {
    const net = smallResNet({ width: 4, stages: 2, blocksPerStage: 3 }).build([8, 8, 3], 1);
    expect(net.outputs[0]!.shape).toEqual([null, 8]);
    expect(net.layers.filter(({ name }) => name.endsWith('.conv2'))).toHaveLength(6);
    expect(failure(() => smallResNet({ width: 4.5 })).code).toBe('invalid-option');
    expect(failure(() => smallResNet({ stages: 4 }).build([4, 4, 3], 1)).code).toBe('shape-mismatch');
    net.dispose();
  });

  it('takes the channels of every stage, bottlenecks, and a stem that halves the image', () => {
    const spec = smallResNet({ widths: [4, 8, 24], block: 'bottleneck', stride: 2 });
    const net = spec.build([16, 16, 3], 1);
    expect(spec.name).toBe('small-resnet-11-w4-8-24-bottleneck-s2');
    expect(net.outputs[0]!.shape).toEqual([null, 96]);
    expect(['bn1', 'layer1.0.bn2', 'layer1.0.bn3', 'layer2.0.bn3', 'layer3.0.bn3'].map((layer) => outputOf(net, layer))).toEqual([
      [null, 8, 8, 4],
      [null, 8, 8, 4],
      [null, 8, 8, 16],
      [null, 4, 4, 32],
      [null, 2, 2, 96],
    ]);
    expect(failure(() => spec.build([7, 7, 3], 1)).code).toBe('shape-mismatch');
    for (const options of [{ widths: [] }, { widths: [8, 0] }, { widths: [8], width: 8 }, { stages: 2, widths: [8] }, { stride: 3 }, { block: 'wide' as 'basic' }]) {
      expect(failure(() => smallResNet(options)).code).toBe('invalid-option');
    }
    net.dispose();
  });

  it('answers the means of cells, quarters of the map that stay apart', () => {
    const options = { widths: [4, 8], init: 'torch' } as const;
    const [cells, map] = [smallResNet({ ...options, poolTo: 2 }), smallResNet(options)];
    expect(cells.name).toBe('small-resnet-6-w4-8-p2');
    const net = cells.build([16, 16, 3], 1);
    const pooled = map.build([16, 16, 3], 1);
    expect(net.outputs[0]!.shape).toEqual([null, 32]);
    const image = randomNormal([3, 16, 16, 3], 0, 1, 'float32', 2);
    const apart = reshape(net.apply(image, { training: false }) as Tensor, [3, 4, 8]);
    const together = pooled.apply(image, { training: false }) as Tensor;
    expect(max(abs(sub(mean(apart, 1), together))).dataSync()[0]).toBeLessThan(1e-5);
    expect(max(abs(sub(slice(apart, [0, 0, 0], [3, 1, 8]), slice(apart, [0, 3, 0], [3, 1, 8])))).dataSync()[0]).toBeGreaterThan(1e-2);
    expect(failure(() => smallResNet({ poolTo: 0 })).code).toBe('invalid-option');
    expect(failure(() => smallResNet({ ...options, poolTo: 5 }).build([8, 9, 3], 1)).message).toContain('poolTo is 5, but the last map is 4×5; give at most 4');
    net.dispose();
    pooled.dispose();
  });
});
