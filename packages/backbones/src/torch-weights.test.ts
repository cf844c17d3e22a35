// oxlint-disable-next-line import/no-unassigned-import -- registers the backend
import '@tensorflow/tfjs-backend-cpu';
import { memory, randomNormal, ready, setBackend, tidy } from '@tensorflow/tfjs-core';
import { input, layers, model } from '@tensorflow/tfjs-layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { BackbonesError, resnet18, torchWeights } from '@selfsup/backbones';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

describe('torchWeights', () => {
  it('names and shapes every weight as the state_dict of torchvision does', () => {
    const net = resnet18({ width: 1 / 16 }).build([32, 32, 3], 1);
    const found = new Map(torchWeights(net).map(({ name, shape }) => [name, shape]));
    // 20 convolutions and 20 normalisations of four weights each.
    expect(found.size).toBe(100);
    expect(found.get('conv1.weight')).toEqual([4, 3, 7, 7]);
    expect(found.get('layer2.0.downsample.0.weight')).toEqual([8, 4, 1, 1]);
    expect(['weight', 'bias', 'running_mean', 'running_var'].map((name) => found.get(`layer4.1.bn2.${name}`))).toEqual([[32], [32], [32], [32]]);
    net.dispose();
  });

  it('turns values to the layout of PyTorch and back', () => {
    const x = input({ shape: [4, 4, 2] });
    let y = layers.conv2d({ name: 'conv', filters: 3, kernelSize: [1, 2] }).apply(x) as SymbolicTensor;
    y = layers.flatten().apply(y) as SymbolicTensor;
    y = layers.dense({ name: 'fc', units: 5 }).apply(y) as SymbolicTensor;
    const net = model({ inputs: x, outputs: y });
    const weights = torchWeights(net);
    expect(weights.map(({ name, shape }) => [name, shape])).toEqual([
      ['conv.weight', [3, 2, 1, 2]],
      ['conv.bias', [3]],
      ['fc.weight', [5, 36]],
      ['fc.bias', [5]],
    ]);
    const before = memory().numTensors;
    tidy(() => {
      for (const { variable, shape, toTorch, fromTorch } of weights) {
        const ours = randomNormal(variable.shape as number[], 0, 1, 'float32', 1);
        const theirs = toTorch(ours);
        expect(theirs.shape).toEqual(shape);
        expect([...fromTorch(theirs).dataSync()]).toEqual([...ours.dataSync()]);
      }
      const kernel = randomNormal([1, 2, 2, 3], 0, 1, 'float32', 1);
      expect((weights[0]!.toTorch(kernel).arraySync() as number[][][][])[2]![1]![0]![1]).toBe((kernel.arraySync() as number[][][][])[0]![1]![1]![2]);
    });
    expect(memory().numTensors).toBe(before);
    net.dispose();
  });

  it('refuses weights that have no name there', () => {
    const x = input({ shape: [4] });
    const net = model({ inputs: x, outputs: layers.prelu({ name: 'slope' }).apply(x) as SymbolicTensor });
    expect(() => torchWeights(net)).toThrow(BackbonesError);
    expect(() => torchWeights(net)).toThrow('slope/alpha');
    net.dispose();
  });
});
