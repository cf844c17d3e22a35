import { removeBackend } from '@tensorflow/tfjs-core';
import { backendName, useWasmBackend } from '@selfsup/backend-wasm';
import { byol } from '@selfsup/recipes/byol';
import { byolPredictor, byolProjector, simsiamPredictor, simsiamProjector } from '@selfsup/heads';
import { simsiam } from '@selfsup/recipes/simsiam';
import type { Method } from '@selfsup/train';
import { beforeAll, expect, test } from 'vitest';
import { inputShape, tinyEncoder, trainSmall } from './small-training.ts';

beforeAll(async () => {
  await useWasmBackend({ threads: 2 });
});

async function lossesAndWeights(method: Method<'a' | 'b'>): Promise<{ losses: number[]; weights: Float32Array[] }> {
  const metrics = await trainSmall(method, { images: 320, epochs: 1, batchSize: 32 });
  const weights = await Promise.all(method.parameters().map(async ({ variable }) => (await variable.data()) as Float32Array));
  method.dispose();
  return { losses: metrics.map(({ loss }) => loss), weights };
}

const input = { inputShape, seed: 11 };
const methods: readonly [string, () => Method<'a' | 'b'>][] = [
  ['BYOL', () => byol({ encoder: tinyEncoder(), ...input, projector: byolProjector({ hidden: 64, out: 32 }), predictor: byolPredictor({ hidden: 64, out: 32 }) })],
  ['SimSiam', () => simsiam({ encoder: tinyEncoder(), ...input, projector: simsiamProjector({ layers: 2, dim: 64 }), predictor: simsiamPredictor({ hidden: 16, out: 64 }) })],
];

test.each(methods)('%s gives the same losses and weights twice in a row, bit for bit', async (_, build) => {
  const first = await lossesAndWeights(build());
  const second = await lossesAndWeights(build());
  expect(second.losses).toEqual(first.losses);
  expect(new Set(first.losses).size).toBeGreaterThan(5);
  expect(second.weights).toEqual(first.weights);
});

test.each([1, 2, 3])('a SimSiam training gives the same bits from run to run with %i threads, each run with threads of its own', async (threads) => {
  const runs: Awaited<ReturnType<typeof lossesAndWeights>>[] = [];
  for (let run = 0; run < 2; run++) {
    removeBackend(backendName);
    const { engine } = await useWasmBackend({ threads });
    runs.push(await lossesAndWeights(methods[1]![1]()));
    expect(engine.workersReady).toBe(threads - 1);
  }
  expect(runs[1]).toEqual(runs[0]);
});
