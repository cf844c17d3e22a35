import '@tensorflow/tfjs-backend-cpu';
import { io, ones, randomNormal, ready, setBackend } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { BackbonesError, resnet101, resnet152, resnet18, resnet200, resnet34, resnet50, smallResNet } from '@selfsup/backbones';

beforeAll(async () => {
  await setBackend('cpu');
  await ready();
});

const values = (t: Tensor): number[] => [...t.dataSync()];
const trainable = (net: LayersModel): number => net.trainableWeights.reduce((total, { shape }) => total + shape.reduce<number>((a, b) => a * b!, 1), 0);

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

describe('resnet', () => {
  it.each([
    [resnet18, 11_176_512, 512],
    [resnet34, 21_284_672, 512],
    [resnet50, 23_508_032, 2048],
    [resnet101, 42_500_160, 2048],
    [resnet152, 58_143_808, 2048],
  ] as const)('%o has the weights of torchvision without its fc', (make, weights, dim) => {
    const net = make().build([64, 64, 3], 1);
    expect(trainable(net)).toBe(weights);
    expect(net.outputs[0]!.shape).toEqual([null, dim]);
    net.dispose();
  });
});
