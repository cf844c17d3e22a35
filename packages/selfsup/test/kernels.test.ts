import { readFileSync } from 'node:fs';
import { convNextTiny, mobileNetV2, resnet18, smallResNet, visionTransformer } from '@selfsup/backbones';
import type { NetSpec } from '@selfsup/layers';
import { simsiamPredictor, simsiamProjector } from '@selfsup/heads';
import type { Preset } from '@selfsup/recipes/preset';
import { simsiam } from '@selfsup/recipes/simsiam';
import { evalBatches, take, viewBatches } from '@selfsup/data';
import { fashionMnistSample } from '@selfsup/data/node';
import { evaluationView, randomAffine, randomRotation, resize, viewPipeline } from '@selfsup/augment';
import { tensorPipeline } from '@selfsup/augment/tensor';
import { extractFeatures, knn, linearProbe } from '@selfsup/eval';
import { trainStep } from '@selfsup/train';
import { getKernel, profile, ready, setBackend, zeros } from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { recipes } from '../src/registry.ts';

// The kernels that a step runs on a backend without fused kernels of ours, against those that tfjs-node and tfjs-node-gpu have.

const { version, kernels } = JSON.parse(readFileSync(new URL('tfjs-node-kernels.json', import.meta.url), 'utf8')) as { version: string; kernels: string[] };
const table = new Set(kernels);

beforeAll(async () => {
  await import('@tensorflow/tfjs-backend-cpu');
  await setBackend('cpu');
  await ready();
});

async function kernelsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  const { kernelNames } = await profile(async () => {
    await work();
    return [];
  });
  // The rest are ops with a gradient of their own, which run these kernels.
  return kernelNames.filter((name) => getKernel(name, 'cpu') !== undefined);
}

/** Two steps, so that optimizer states are made and used, and what they end with. */
async function steps(preset: Preset<string>, encoder: NetSpec, size = 32): Promise<void> {
  const { train: all } = await fashionMnistSample();
  const images = take(all, 8);
  const method = preset.method({ encoder, inputShape: [size, size, 1], seed: 0, labels: { values: images.labels!, classes: 10 } });
  const batches = viewBatches(images, { views: preset.views({ size, channels: 1 }), batchSize: 4, seed: 0 });
  const optimizer = preset.optimizer({ batchSize: 4 });
  let step = 0;
  for await (const batch of batches.epoch(0)) {
    await trainStep(method, optimizer, batch, { step, totalSteps: 2, epoch: 0, stepsPerEpoch: 2, batchSize: 4 });
    step++;
  }
  optimizer.dispose();
  method.dispose();
}

const missing = (used: readonly string[]): readonly string[] => used.filter((name) => !table.has(name));

test('the table is of tfjs-node 4.22', () => {
  expect(version).toBe('4.22.0');
  expect(table.has('Conv2DBackpropFilter')).toBe(true);
  expect(table.has('RotateWithOffset')).toBe(false);
});

describe('tfjs-node has every kernel that is run', () => {
  const small = (name: string): Preset<string> => recipes[name]!.find((preset) => preset.name === 'small') ?? recipes[name]![0]!;

  test.each(Object.keys(recipes))('by a step of %s', async (recipe) => {
    const used = await kernelsOf(() => steps(small(recipe), smallResNet({ width: 4 })));
    expect(used).toContain('Conv2D');
    expect(used.includes('Conv2DBackpropFilter')).toBe(recipe !== 'random');
    expect(missing(used)).toEqual([]);
  });

  /** Heads of the published widths take minutes on plain JavaScript, and run the same kernels. */
  const narrow: Preset<string> = {
    ...small('simsiam'),
    method: (input) => simsiam({ ...input, projector: simsiamProjector({ dim: 8 }), predictor: simsiamPredictor({ hidden: 4, out: 8 }) }),
  };

  const encoders: readonly NetSpec[] = [
    resnet18({ width: 1 / 16, dropPath: 0.1 }),
    mobileNetV2({ width: 1 / 8 }),
    convNextTiny({ width: 1 / 12, dropPath: 0.1 }),
    visionTransformer({ dim: 16, depth: 2, heads: 2, patch: 8, dropPath: 0.1 }),
    visionTransformer({ dim: 16, depth: 1, heads: 2, patch: 8, positions: 'sin-cos', positionGrid: 3, classToken: false }),
  ];
  test.each(encoders.map((encoder) => [encoder.name, encoder] as const))('by a step of %s', async (_, encoder) => {
    const used = await kernelsOf(() => steps(narrow, encoder));
    expect(missing(used)).toEqual([]);
  });

  test('by the optimizers of all presets', async () => {
    for (const preset of Object.values(recipes).flat()) {
      const optimizer = preset.optimizer({ batchSize: 256 });
      const tiny = { ...narrow, optimizer: () => optimizer };
      expect(missing(await kernelsOf(() => steps(tiny, smallResNet({ width: 4, stages: 1 }), 8)))).toEqual([]);
    }
  });

  test('by a vision transformer on images of another size, whose positions are interpolated', async () => {
    const net = visionTransformer({ dim: 16, depth: 1, heads: 2, patch: 8 }).build([32, 32, 1], 0);
    const used = await kernelsOf(async () => {
      await (net.apply(zeros([2, 48, 48, 1]), { training: true }) as Tensor).data();
    });
    expect(used).toContain('BatchMatMul');
    expect(missing(used)).toEqual([]);
    net.dispose();
  });

  test('by the views of all presets, rendered on tensors: rotation and affine maps are composed', async () => {
    const pipelines = Object.values(recipes).flat().flatMap((preset) => Object.values(preset.views({ size: 16, channels: 3 })));
    const turned = viewPipeline({ size: 16, ops: [randomRotation({ degrees: 30 }), randomAffine({ degrees: 10, translate: [0.1, 0.1] }), resize({ size: 16 })] });
    const keys = Array.from({ length: 6 }, (_, index) => ({ seed: 1, epoch: 0, index, view: 0 }));
    const used = await kernelsOf(async () => {
      for (const pipeline of [...pipelines, turned]) await tensorPipeline(pipeline).render(zeros([6, 20, 20, 3]), keys).data();
    });
    expect(used.length).toBeGreaterThan(0);
    expect(missing(used)).toEqual([]);
  });

  test('by the evaluation', async () => {
    const { train, test: held } = await fashionMnistSample();
    const [gallery, queries] = [take(train, 40), take(held, 20)];
    const encoder = smallResNet({ width: 4 }).build([28, 28, 1], 0);
    const renderer = evaluationView({ size: 28, channels: 1 });
    const used = await kernelsOf(async () => {
      const features = { train: await extractFeatures(encoder, evalBatches(gallery, renderer, 20)), test: await extractFeatures(encoder, evalBatches(queries, renderer, 20)) };
      const labels = { trainLabels: gallery.labels!, testLabels: queries.labels! };
      await knn({ ...features, ...labels, k: 5 });
      await linearProbe({ ...features, ...labels, classes: 10, seed: 0 });
    });
    expect(missing(used)).toEqual([]);
    encoder.dispose();
  });
});
